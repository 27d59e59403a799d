package config

import (
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// sameIn says for each field of a Service Manager whether its client can be kept when the field
// changes. Add every new field here.
var sameIn = map[string]bool{
	"Name":                       false,
	"URL":                        false,
	"APIVersion":                 false,
	"ReverseProxy":               false,
	"AllowPlainText":             false,
	"Timeout":                    false,
	"MaxConcurrentRequests":      false,
	"MaxConcurrentRequestsTotal": false,
	"HTTPClient":                 false,
	"IncludeDeployments":         false,
	"ExcludeDeployments":         false,
	"IncludeProcesses":           false,
	"ExcludeProcesses":           false,
	"IncludePaths":               false,
	"ExcludePaths":               false,
	"Labels":                     true,
	"Aliases":                    true,
	"Expect":                     true,
	"ExpectOfAll":                true,
	"Deployments":                false,
	"Managed":                    false,
}

// TestSameClient changes each value of a Service Manager on its own, including those of promconfig.
func TestSameClient(t *testing.T) {
	one, _ := filled(t, -1)
	other, _ := filled(t, -1)
	if !one.SameClient(other) || !(ServiceManager{}).SameClient(ServiceManager{}) || one.SameClient(ServiceManager{}) {
		t.Fatal("not the same by value")
	}
	changed := 0
	for ; ; changed++ {
		other, field := filled(t, changed)
		if field == "" {
			break
		}
		top := strings.FieldsFunc(field, func(r rune) bool { return r == '.' || r == ' ' })[0]
		want, decided := sameIn[top]
		if !decided {
			t.Fatalf("sameIn does not say whether the client can be kept when %s changes", field)
		}
		if one.SameClient(other) != want || other.SameClient(one) != want {
			t.Errorf("after a change of %s: SameClient is %t", field, !want)
		}
	}
	if changed < 100 {
		t.Errorf("only %d values", changed)
	}
}

// TestSameClientAfterUse uses a Service Manager before comparing it: a cached function makes no
// difference, and comparing changes nothing.
func TestSameClientAfterUse(t *testing.T) {
	one, _ := filled(t, -1)
	other, _ := filled(t, -1)
	auth := one.Deployments[0].HTTPClient.BasicAuth
	one.HTTPClient.Proxy()
	one.HTTPClient.OAuth2.Proxy()
	one.Deployments[0].HTTPClient.Proxy()
	used := one.Wants("1x") || one.WantsProcess("1x") || one.WantsPath("1x") // excluded, too
	if used || !one.SameClient(other) || !one.SameClient(one) {
		t.Error("different after the first use")
	}
	if !one.IncludePaths.MatchString("1x") || one.Labels == nil || one.Deployments[0].HTTPClient.BasicAuth != auth {
		t.Error("changed by the comparison")
	}
	other.Deployments = append(other.Deployments, Deployment{})
	if one.SameClient(other) {
		t.Error("the same with one more deployment")
	}
}

// TestSameClientOfFile loads a file again after a change.
func TestSameClientOfFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "secret", "hunter2-one")
	write(t, dir, "moved", "hunter2-one")
	load := func(keys string) ServiceManager {
		t.Helper()
		file := write(t, dir, "ogg.yml", "service_managers:\n  - url: https://a\n"+keys)
		c, err := Load(file, Options{ExpandEnv: true, LookupEnv: lookup(map[string]string{"A": "hunter2-one"})})
		if err != nil {
			t.Fatal(err)
		}
		return c.ServiceManagers[0]
	}
	const inFile, inline = "    basic_auth: {username: u, password_file: secret}\n", "    basic_auth: {username: u, password: '${A}'}\n"
	first, firstInline := load(inFile), load(inline)
	write(t, dir, "secret", "hunter2-two")
	for _, test := range []struct {
		name, keys string
		was        ServiceManager
		want       bool
	}{
		{"the content of a file", inFile, first, true},
		{"a comment", "    # more\n" + inFile, first, true},
		{"a default written out", "    timeout: 10s\n    name: a:443\n" + inFile, first, true},
		{"labels", "    labels: {site: berlin}\n" + inFile, first, true},
		{"what is expected", "    expect: [{process: a, state: any}]\n" + inFile, first, true},
		{"the path of a file", strings.Replace(inFile, "secret", "moved", 1), first, false},
		{"an expression", "    exclude_paths: a\n" + inFile, first, false},
		{"an override", inFile + "    deployments: [{name: a}]\n", first, false},
		{"a secret written differently", strings.Replace(inline, "${A}", "hunter2-one", 1), firstInline, true},
		{"a secret", strings.Replace(inline, "${A}", "hunter2-two", 1), firstInline, false},
	} {
		if got := test.was.SameClient(load(test.keys)); got != test.want {
			t.Errorf("after a change of %s: SameClient is %t", test.name, got)
		}
	}
}

// filled returns a Service Manager with a value in every field, one of which differs: the one with
// this number, whose path is returned, too. The path is "" if there are fewer.
func filled(t *testing.T, differs int) (ServiceManager, string) {
	t.Helper()
	sm, f := ServiceManager{}, &filler{t: t, differs: differs}
	f.fill(reflect.ValueOf(&sm).Elem(), "")
	return sm, f.path
}

// filler counts the values while it walks a type.
type filler struct {
	t          *testing.T
	differs, n int
	path       string
}

// value returns 2 for the value that is to differ, and 1 for all others.
func (f *filler) value(path string) int {
	f.n++
	if f.n-1 == f.differs {
		f.path = path
		return 2
	}
	return 1
}

func (f *filler) text(path string) string { return strconv.Itoa(f.value(path)) }

func (f *filler) fill(v reflect.Value, path string) {
	f.t.Helper()
	switch v.Type() {
	case patternType:
		p, err := NewPattern(f.text(path) + ".")
		if err != nil {
			f.t.Fatal(err)
		}
		v.Set(reflect.ValueOf(p))
		return
	case reflect.TypeFor[url.URL]():
		v.Set(reflect.ValueOf(url.URL{
			Scheme: f.text(path + ".scheme"), Host: f.text(path + ".host"),
			User: url.UserPassword("u", f.text(path+".password")),
		}))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				f.fill(v.Field(i), path+"."+field.Name)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), path)
	case reflect.Map:
		item := reflect.New(v.Type().Elem()).Elem()
		f.fill(item, path)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(f.text(path+" (key)")), item)
	default:
		f.fillBasic(v, path)
	}
}

func (f *filler) fillBasic(v reflect.Value, path string) {
	f.t.Helper()
	value := f.value(path)
	switch {
	case v.Kind() == reflect.String:
		v.SetString(strconv.Itoa(value))
	case v.Kind() == reflect.Bool:
		v.SetBool(value == 2)
	case v.CanInt():
		v.SetInt(int64(value))
	case v.CanUint():
		v.SetUint(uint64(value))
	case v.Kind() == reflect.Interface:
		v.Set(reflect.ValueOf(value))
	default:
		f.t.Fatalf("%s: the test cannot fill a %s yet", path, v.Type())
	}
}
