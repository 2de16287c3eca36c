package mockserver

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// The parts of an HTTP Archive (HAR 1.2) that the journal fills.
type (
	harFile struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Entries []harEntry `json:"entries"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started  time.Time   `json:"startedDateTime"`
		Time     float64     `json:"time"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment,omitempty"`
	}
	harRequest struct {
		Method      string    `json:"method"`
		URL         string    `json:"url"`
		HTTPVersion string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Headers     []harPair `json:"headers"`
		Query       []harPair `json:"queryString"`
		PostData    *harBody  `json:"postData,omitempty"`
		HeadersSize int       `json:"headersSize"`
		BodySize    int       `json:"bodySize"`
	}
	harResponse struct {
		Status      int       `json:"status"`
		StatusText  string    `json:"statusText"`
		HTTPVersion string    `json:"httpVersion"`
		Cookies     []harPair `json:"cookies"`
		Headers     []harPair `json:"headers"`
		Content     harBody   `json:"content"`
		RedirectURL string    `json:"redirectURL"`
		HeadersSize int       `json:"headersSize"`
		BodySize    int       `json:"bodySize"`
	}
	harBody struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harTimings struct {
		Send    int `json:"send"`
		Wait    int `json:"wait"`
		Receive int `json:"receive"`
	}
)

// WriteHAR writes the journal as an HTTP Archive 1.2, which browsers and proxies
// read. Secrets are masked as in the journal; calls over gRPC are POST requests.
func (s *Server) WriteHAR(w io.Writer) error {
	file := harFile{harLog{Version: "1.2", Creator: harCreator{"dragoman mock", "1"}, Entries: []harEntry{}}}
	for _, r := range s.Requests() {
		file.Log.Entries = append(file.Log.Entries, s.harEntry(r))
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(file); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

func (s *Server) harEntry(r Request) harEntry {
	method, base, version, status := r.Method, s.URL, "HTTP/1.1", r.Status
	if method == grpcMethod {
		method, base, version, status = http.MethodPost, "http://"+s.GRPCAddr, "HTTP/2", http.StatusOK
	}
	target := base + r.Path
	if r.Query != "" {
		target += "?" + r.Query
	}
	query, _ := url.ParseQuery(r.Query)
	entry := harEntry{
		Started: r.At,
		Request: harRequest{
			Method: method, URL: target, HTTPVersion: version, Cookies: []harPair{}, Headers: pairs(r.RequestHeader), Query: pairs(query),
			HeadersSize: -1, BodySize: len(r.RequestBody),
		},
		Response: harResponse{
			Status: status, StatusText: http.StatusText(status), HTTPVersion: version, Cookies: []harPair{}, Headers: pairs(r.ResponseHeader),
			Content:     harBody{len(r.ResponseBody), r.ResponseHeader.Get("Content-Type"), r.ResponseBody},
			RedirectURL: r.ResponseHeader.Get("Location"), HeadersSize: -1, BodySize: len(r.ResponseBody),
		},
		Comment: r.String(),
	}
	if r.RequestBody != "" {
		entry.Request.PostData = &harBody{len(r.RequestBody), r.RequestHeader.Get("Content-Type"), r.RequestBody}
	}
	return entry
}

// pairs lists the values by name.
func pairs(values map[string][]string) []harPair {
	list := []harPair{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			list = append(list, harPair{name, value})
		}
	}
	return list
}
