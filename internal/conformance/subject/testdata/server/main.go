// Command server is a subject for tests: it answers 404 to everything, moves
// its Date header with POST /clock?seconds=N, and can misbehave on request.
package main

import (
	"encoding/pem"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address")
	hang := flag.Bool("hang", false, "answer nothing")
	fail := flag.Bool("fail", false, "end at once, with words")
	child := flag.String("child", "", "start a child that lives long, and write its process id to this file")
	certificate := flag.String("certificate", "", "speak TLS, and write the certificate to this file once it listens")
	move := flag.Int("move", 0, "ask the server on port 8080 beside to move its Date by so many seconds, and end")
	flag.Parse()
	if *move != 0 {
		answer, err := http.Post(fmt.Sprintf("http://127.0.0.1:8080/clock?seconds=%d", *move), "", nil)
		if err != nil || answer.StatusCode != http.StatusOK {
			fmt.Println("not moved:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if *fail {
		fmt.Println("cannot read the configuration")
		os.Exit(7)
	}
	if *child != "" {
		sleeper := exec.Command(os.Args[0], "-listen", "127.0.0.1:0")
		if err := sleeper.Start(); err != nil {
			panic(err)
		}
		if err := os.WriteFile(*child, []byte(strconv.Itoa(sleeper.Process.Pid)), 0o600); err != nil {
			panic(err)
		}
	}
	var ahead atomic.Int64
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if *hang {
			<-r.Context().Done()
			return
		}
		now := time.Now().Add(time.Duration(ahead.Load()) * time.Second)
		w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
		if r.URL.Path != "/clock" || r.Method != http.MethodPost {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		seconds, err := strconv.ParseInt(r.FormValue("seconds"), 10, 64)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		ahead.Add(seconds)
	})
	fmt.Println("listening, with", os.Getenv("GREETING"))
	if *certificate != "" {
		speakTLS(*listen, *certificate)
	}
	fmt.Println(http.ListenAndServe(*listen, nil))
}

// speakTLS serves until the process ends.
func speakTLS(address, file string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	server := httptest.NewUnstartedServer(http.DefaultServeMux)
	server.Listener = listener
	server.StartTLS()
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		panic(err)
	}
	select {}
}
