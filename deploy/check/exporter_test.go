package check

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

const home = "/etc/ogg_exporter/"

// fileInHome is a file that a configuration or a flag names.
var fileInHome = regexp.MustCompile(regexp.QuoteMeta(home) + `[\w./-]+`)

// exporter is the built exporter, and what files contain that only a cluster has.
type exporter struct {
	binary    string
	cert, key string
}

// build builds the exporter.
func build(t *testing.T) *exporter {
	e := &exporter{binary: filepath.Join(t.TempDir(), "ogg_exporter")}
	command := exec.Command("go", "build", "-o", e.binary, ".")
	command.Dir = "../.."
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	cert, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)},
		&x509.Certificate{SerialNumber: big.NewInt(1)}, key.Public(), key)
	must(t, err)
	e.cert = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	e.key = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	return e
}

// problems lets the exporter check each container's flags and configuration, with the files as they are mounted there.
func (e *exporter) problems(m *manifest, root string) (problems []string) {
	for _, d := range m.deployments {
		command, err := e.command(m, d.Spec.Template.Spec, filepath.Join(root, d.Name))
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		command.Args = append(command.Args, "--config.check")
		if out, err := command.CombinedOutput(); err != nil {
			problems = append(problems, "the exporter does not start: "+string(out))
		}
	}
	return problems
}

// command returns the command of the pod's container, with a folder in place of its root.
func (e *exporter) command(m *manifest, pod corev1.PodSpec, root string) (*exec.Cmd, error) {
	c := pod.Containers[0]
	for _, v := range c.VolumeMounts {
		if err := mount(root, v.MountPath, e.volume(m, pod, v)); err != nil {
			return nil, err
		}
	}
	command := exec.Command(e.binary)
	for _, arg := range c.Args {
		command.Args = append(command.Args, strings.ReplaceAll(arg, home, root+home))
	}
	command.Env = []string{"HOME=" + root}
	for _, v := range c.Env {
		command.Env = append(command.Env, v.Name+"=not-empty"+v.Value)
	}
	return command, nil
}

// mount puts files into a folder below the root as the kubelet does: they are links to ..data, which is a link to a new
// folder each time, replaced as a whole.
func mount(root, folder string, files map[string]string) error {
	dir := filepath.Join(root, folder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	data, err := os.MkdirTemp(dir, "..")
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(data, name), []byte(strings.ReplaceAll(text, home, root+home)), 0o600); err != nil {
			return err
		}
		if err := os.Symlink("..data/"+name, filepath.Join(dir, name)); err != nil && !os.IsExist(err) {
			return err
		}
	}
	if err := os.Symlink(filepath.Base(data), filepath.Join(dir, "..data_tmp")); err != nil {
		return err
	}
	return os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data"))
}

// volume returns the files of what is mounted there. A Secret that is not part of the manifest has what is asked of it.
func (e *exporter) volume(m *manifest, pod corev1.PodSpec, mount corev1.VolumeMount) map[string]string {
	for _, v := range pod.Volumes {
		switch {
		case v.Name != mount.Name:
		case v.ConfigMap != nil && named(m.configs, v.ConfigMap.Name) != nil:
			return named(m.configs, v.ConfigMap.Name).Data
		case v.Secret != nil && named(m.secrets, v.Secret.SecretName) != nil:
			return secretFiles(named(m.secrets, v.Secret.SecretName))
		case v.Secret != nil:
			return e.asked(m, pod, mount.MountPath+"/")
		}
	}
	return nil
}

// asked returns a file of each name below the folder that the flags or ConfigMaps contain.
func (e *exporter) asked(m *manifest, pod corev1.PodSpec, folder string) map[string]string {
	texts := slices.Clone(pod.Containers[0].Args)
	for _, c := range m.configs {
		texts = append(texts, c.Data["ogg_exporter.yml"])
	}
	files := map[string]string{}
	for _, file := range fileInHome.FindAllString(strings.Join(texts, "\n"), -1) {
		name, below := strings.CutPrefix(file, folder)
		switch {
		case !below:
		case strings.HasSuffix(name, "key.pem"):
			files[name] = e.key
		case strings.HasSuffix(name, ".pem"):
			files[name] = e.cert
		case strings.HasSuffix(name, ".yml"):
			files[name] = "http_server_config: {http2: true}\n"
		default:
			files[name] = "a-password"
		}
	}
	return files
}

func secretFiles(s *corev1.Secret) map[string]string {
	files := map[string]string{}
	for name, data := range s.Data {
		files[name] = string(data)
	}
	maps.Copy(files, s.StringData)
	return files
}
