package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// protoFile is a description of services that a script brings along, so that the
// server needs no reflection.
type protoFile struct{ name, text string }

var (
	protoComment = regexp.MustCompile(`(?m)[ \t]*//.*$`)
	emptyLines   = regexp.MustCompile(`\n\s*\n+`)
	protoPackage = regexp.MustCompile(`(?m)^package ([A-Za-z0-9_.]+);`)
	protoService = regexp.MustCompile(`(?m)^service ([A-Za-z0-9_]+) \{\n`)
	protoName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)
)

// protoFiles describe the methods that are called, as "package.Service/Method": the
// source that the judge has, and the methods that it has no description of. These
// take an empty message, and any answer will do.
func protoFiles(source string, methods []string) []protoFile {
	source = strings.TrimSpace(emptyLines.ReplaceAllString(protoComment.ReplaceAllString(source, ""), "\n"))
	known := ""
	if of, service := protoPackage.FindStringSubmatch(source), protoService.FindStringSubmatch(source); of != nil && service != nil {
		known = of[1] + "." + service[1]
	}
	services := map[string][]string{} // full names to methods that are not described
	var order []string
	for _, method := range methods {
		service, name, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
		if !protoName.MatchString(service) || !protoName.MatchString(name) || service == known && strings.Contains(source, " rpc "+name+"(") {
			continue
		}
		if services[service] == nil {
			order = append(order, service)
		}
		if !slices.Contains(services[service], name) {
			services[service] = append(services[service], name)
		}
	}
	files := []protoFile{{"auth.proto", source}}
	for _, service := range order {
		if service == known {
			files[0].text = protoService.ReplaceAllString(source, "${0}"+undescribed(services[service], "Empty"))
			continue
		}
		files = append(files, protoFile{fmt.Sprintf("other%d.proto", len(files)), otherService(service, len(files), services[service])})
	}
	return files
}

// otherService is a file with nothing but a service. Its message is named by a
// number, for two files may be of one package.
func otherService(full string, number int, methods []string) string {
	dot := strings.LastIndex(full, ".")
	of, message := "", fmt.Sprintf("Any%d", number)
	if dot > 0 {
		of = "package " + full[:dot] + ";\n"
	}
	return "syntax = \"proto3\";\n" + of + "service " + full[dot+1:] + " {\n" + undescribed(methods, message) + "}\nmessage " + message + " {}"
}

func undescribed(methods []string, message string) string {
	var lines strings.Builder
	for _, name := range methods {
		fmt.Fprintf(&lines, "  rpc %s(%s) returns (%[2]s);\n", name, message)
	}
	return lines.String()
}

// protoFlags say where the files are, as flags of grpcurl.
func (s *script) protoFlags() []string {
	if s.protos == nil {
		return nil
	}
	s.keeps = true
	flags := []string{"-import-path", `"$ANSWERS"`}
	for _, file := range s.protos {
		flags = append(flags, "-proto", file.name)
	}
	return flags
}

// describe finds out what the calls over gRPC take, if there are any.
func (s *script) describe() {
	var methods []string
	for _, e := range s.exchanges {
		if e.Transport == "grpc" && !slices.Contains(methods, e.Method) {
			methods = append(methods, e.Method)
		}
	}
	if len(methods) > 0 && s.shell.Proto != "" {
		s.protos = protoFiles(s.shell.Proto, methods)
	}
}

// lines write the file where the answers are kept.
func (f protoFile) lines() []string {
	return []string{`cat >"$ANSWERS/` + f.name + `" <<'END OF PROTO'`, f.text, "END OF PROTO"}
}
