package proxy_test

import (
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
)

func ExampleTrusted_Client() {
	trusted, err := proxy.Trust("10.0.0.0/8")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(trusted.Client("10.1.1.1", []string{"6.6.6.6, 192.0.2.7"}))
	fmt.Println(trusted.Client("192.0.2.8", []string{"6.6.6.6"}))
	// Output:
	// 192.0.2.7
	// 192.0.2.8
}
