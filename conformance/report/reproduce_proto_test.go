package report

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"

	"github.com/dragoman-auth/dragoman/features"
)

// TestProtoFiles: whatever methods were called, the files compile together and
// describe each of them.
func TestProtoFiles(t *testing.T) {
	t.Parallel()
	source, err := features.FS.ReadFile("rpc/auth.proto")
	if err != nil {
		t.Fatal(err)
	}
	const auth = "axxonsoft.bl.auth.AuthenticationService"
	for name, methods := range map[string][]string{
		"described":         {auth + "/AuthenticateEx", auth + "/RenewSession"},
		"of the service":    {auth + "/AuthenticateEx", auth + "/NoSuchMethod", auth + "/Authenticat"},
		"another service":   {auth + "/AuthenticateEx", "axxonsoft.bl.statistics.StatisticService/GetUptime"},
		"of one package":    {"axxonsoft.bl.auth.Other/A", "axxonsoft.bl.auth.Another/A", "axxonsoft.bl.auth.Other/B"},
		"without a package": {"Service/Method"},
	} {
		contents := map[string]string{}
		var names []string
		for _, file := range protoFiles(string(source), methods) {
			contents[file.name], names = file.text, append(names, file.name)
		}
		compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(contents)})}
		files, err := compiler.Compile(context.Background(), names...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var described []string
		for _, file := range files {
			for i := range file.Services().Len() {
				service := file.Services().Get(i)
				for j := range service.Methods().Len() {
					described = append(described, string(service.FullName())+"/"+string(service.Methods().Get(j).Name()))
				}
			}
		}
		for _, method := range methods {
			if !slices.Contains(described, method) {
				t.Errorf("%s: %s is not among %q", name, method, described)
			}
		}
	}
	for _, hostile := range []string{"a/b\nEND OF PROTO\nrm x", "a b/c", "/", "a/", "a.b.c"} {
		for _, file := range protoFiles(string(source), []string{hostile}) {
			if strings.Contains(file.text, "rm x") || file.name != "auth.proto" {
				t.Errorf("%q came into %s", hostile, file.name)
			}
		}
	}
}
