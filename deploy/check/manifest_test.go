package check

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// manifest is what a manifest consists of.
type manifest struct {
	all         []metav1.Object
	deployments []*appsv1.Deployment
	services    []*corev1.Service
	accounts    []*corev1.ServiceAccount
	configs     []*corev1.ConfigMap
	secrets     []*corev1.Secret
	policies    []*networkingv1.NetworkPolicy
	monitors    []*monitoringv1.ServiceMonitor
	scrapes     []*monitoringv1alpha1.ScrapeConfig
	rules       []*monitoringv1.PrometheusRule
}

// parse reads a manifest as the API server does with fieldValidation=Strict: a field that a type does not have, or that
// is there twice, is an error.
func parse(text []byte) (*manifest, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme, monitoringv1.AddToScheme, monitoringv1alpha1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	m, documents := &manifest{}, yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return nil, err
		}
		if !isEmpty(document) {
			object, kind, err := decoder.Decode(document, nil, nil)
			if err != nil {
				return nil, err
			}
			if err := m.add(object); err != nil {
				return nil, fmt.Errorf("%s: %w", kind, err)
			}
		}
	}
}

// isEmpty reports whether there are only comments.
func isEmpty(document []byte) bool {
	return !slices.ContainsFunc(bytes.Split(document, []byte("\n")), func(line []byte) bool {
		line = bytes.TrimSpace(line)
		return len(line) > 0 && line[0] != '#' && !bytes.Equal(line, []byte("---"))
	})
}

func (m *manifest) add(object runtime.Object) error {
	switch o := object.(type) {
	case *appsv1.Deployment:
		m.deployments = append(m.deployments, o)
	case *corev1.Service:
		m.services = append(m.services, o)
	case *corev1.ServiceAccount:
		m.accounts = append(m.accounts, o)
	case *corev1.ConfigMap:
		m.configs = append(m.configs, o)
	case *corev1.Secret:
		m.secrets = append(m.secrets, o)
	case *networkingv1.NetworkPolicy:
		m.policies = append(m.policies, o)
	case *monitoringv1.ServiceMonitor:
		m.monitors = append(m.monitors, o)
	case *monitoringv1alpha1.ScrapeConfig:
		m.scrapes = append(m.scrapes, o)
	case *monitoringv1.PrometheusRule:
		m.rules = append(m.rules, o)
	default:
		return errors.New("nothing here checks resources of this kind")
	}
	m.all = append(m.all, object.(metav1.Object))
	return nil
}

// named returns the object of that name, or nil.
func named[T metav1.Object](all []T, name string) (found T) {
	if i := slices.IndexFunc(all, func(o T) bool { return o.GetName() == name }); i >= 0 {
		found = all[i]
	}
	return found
}
