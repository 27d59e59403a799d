package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const secretive = `service_managers:
  - name: prod
    url: https://a
    basic_auth: {username: ogg, password: hunter2-basic}
    proxy_url: http://ogg:hunter2-proxy@proxy
    proxy_connect_header: {A: [hunter2-connect]}
    http_headers: {X-Key: {values: [hunter2-value], secrets: [hunter2-header]}}
    include_deployments: 'ogg_.*'
    deployments:
      - name: x
        bearer_token: hunter2-bearer
      - name: y
        oauth2:
          client_id: i
          token_url: https://l
          client_secret: hunter2-client
          endpoint_params: {password: hunter2-parameter}
          claims: {a: [hunter2-claim]}
`

func TestNoSecretIsPrinted(t *testing.T) {
	c := loadText(t, secretive, Options{})
	sm := c.ServiceManagers[0]
	d := sm.Deployments[1]
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("a", "c", c, "sm", sm, "d", d)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("a", "c", c, "sm", sm, "d", d)
	outputs := map[string]string{"slog": logged.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{c, *c, sm, &sm, sm.Deployments, d, c.ServiceManagers} {
			outputs[fmt.Sprintf("%s of %T", verb, v)] = fmt.Sprintf(verb, v)
		}
	}
	for _, v := range []any{c, sm, d} {
		j, err1 := json.Marshal(v)
		y, err2 := yaml.Marshal(v)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		outputs[fmt.Sprintf("JSON of %T", v)], outputs[fmt.Sprintf("YAML of %T", v)] = string(j), string(y)
	}
	for name, text := range outputs {
		if strings.Contains(text, "hunter2") || strings.Contains(text, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("%s has a secret:\n%s", name, text)
		}
		if !strings.Contains(text, "<secret>") && !strings.Contains(text, `\u003csecret\u003e`) {
			t.Errorf("%s does not mark a secret:\n%s", name, text)
		}
	}
	if got := fmt.Sprint(c); !strings.Contains(got, "include_deployments: ogg_.*") || !strings.Contains(got, "timeout: 10s") {
		t.Errorf("printed:\n%s", got)
	}
}

// TestEveryKeyIsPrinted sets every key of a Service Manager outside its HTTP client.
func TestEveryKeyIsPrinted(t *testing.T) {
	const text = `service_managers:
  - name: prod
    url: https://a
    reverse_proxy: true
    allow_plain_text: true
    timeout: 3s
    max_concurrent_requests: 3
    max_concurrent_requests_total: 12
    include_deployments: id
    exclude_deployments: ed
    include_processes: ir
    exclude_processes: er
    include_paths: ip
    exclude_paths: ep
    aliases: [a.example]
    labels: {site: berlin}
    deployments: [{name: x}]
`
	c := loadText(t, text, Options{})
	var again struct {
		ServiceManagers []map[string]any `yaml:"service_managers"`
	}
	var written struct {
		ServiceManagers []map[string]any `yaml:"service_managers"`
	}
	if err := yaml.Unmarshal([]byte(fmt.Sprint(c)), &again); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(text), &written); err != nil {
		t.Fatal(err)
	}
	want, got := written.ServiceManagers[0], again.ServiceManagers[0]
	for key, value := range want {
		if key != "deployments" && !reflect.DeepEqual(got[key], value) {
			t.Errorf("%s: printed as %v, not %v", key, got[key], value)
		}
	}
	schema := slices.Sorted(maps.Keys(keysOf(reflect.TypeFor[ServiceManager]())))
	if printed := slices.Sorted(maps.Keys(keysOf(reflect.TypeFor[printed]()))); !slices.Equal(printed, schema) {
		t.Errorf("the keys that are printed:\n%v\nthe schema's:\n%v", printed, schema)
	}
}
