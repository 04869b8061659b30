package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"strconv"
	"strings"
	"time"

	discovery "k8s.io/api/discovery/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	core "k8s.io/client-go/listers/core/v1"
	slices "k8s.io/client-go/listers/discovery/v1"
	ingresses "k8s.io/client-go/listers/networking/v1"
)

const defaultClass = "ingressclass.kubernetes.io/is-default-class"

// known is the cluster as the informers see it. A lister that was asked for is one that the factory fills.
type known struct {
	class     string
	classes   ingresses.IngressClassLister
	ingresses ingresses.IngressLister
	services  core.ServiceLister
	secrets   core.SecretLister
	slices    slices.EndpointSliceLister
}

func newKnown(factory informers.SharedInformerFactory, class string) *known {
	return &known{
		class:     class,
		classes:   factory.Networking().V1().IngressClasses().Lister(),
		ingresses: factory.Networking().V1().Ingresses().Lister(),
		services:  factory.Core().V1().Services().Lister(),
		secrets:   factory.Core().V1().Secrets().Lister(),
		slices:    factory.Discovery().V1().EndpointSlices().Lister(),
	}
}

// serves tells whether an Ingress is ours: by its class, or without one where ours is the default.
func (k *known) serves(ingress *networking.Ingress) bool {
	if ingress.Spec.IngressClassName != nil {
		return *ingress.Spec.IngressClassName == k.class
	}
	class, err := k.classes.Get(k.class)
	return err == nil && class.Annotations[defaultClass] == "true"
}

// backend finds what a request is for: the longest path of the most exact host that matches.
func (k *known) backend(host, path string) (namespace string, found *networking.IngressServiceBackend) {
	all, err := k.ingresses.List(labels.Everything())
	if err != nil {
		return "", nil
	}
	best := -1
	for _, ingress := range all {
		if !k.serves(ingress) {
			continue
		}
		if backend := ingress.Spec.DefaultBackend; backend != nil && best < 0 {
			namespace, found, best = ingress.Namespace, backend.Service, 0
		}
		for _, rule := range ingress.Spec.Rules {
			if rule.HTTP == nil {
				continue
			}
			for _, one := range rule.HTTP.Paths {
				if score := score(rule.Host, host, one, path); score > best {
					namespace, found, best = ingress.Namespace, one.Backend.Service, score
				}
			}
		}
	}
	return namespace, found
}

// score is higher the better a rule matches, and negative when it does not.
func score(wanted, host string, rule networking.HTTPIngressPath, path string) int {
	exactness := 0
	switch {
	case wanted == host:
		exactness = 2
	case strings.HasPrefix(wanted, "*."):
		_, rest, _ := strings.Cut(host, ".")
		if "*."+rest != wanted {
			return -1
		}
		exactness = 1
	case wanted != "":
		return -1
	}
	points := exactness<<20 + len(rule.Path)<<1
	if rule.PathType != nil && *rule.PathType == networking.PathTypeExact {
		if path != rule.Path {
			return -1
		}
		return points + 1
	}
	prefix := strings.TrimSuffix(rule.Path, "/")
	if path == prefix || strings.HasPrefix(path, prefix+"/") {
		return points
	}
	return -1
}

// addresses are those of the ready pods behind a service.
func (k *known) addresses(namespace string, backend *networking.IngressServiceBackend) []string {
	service, err := k.services.Services(namespace).Get(backend.Name)
	if err != nil {
		return nil
	}
	name := ""
	for _, port := range service.Spec.Ports {
		if port.Port == backend.Port.Number || (backend.Port.Name != "" && port.Name == backend.Port.Name) {
			name = port.Name
		}
	}
	selected := labels.SelectorFromSet(labels.Set{discovery.LabelServiceName: backend.Name})
	parts, err := k.slices.EndpointSlices(namespace).List(selected)
	if err != nil {
		return nil
	}
	var found []string
	for _, part := range parts {
		found = append(found, ready(part, name)...)
	}
	return found
}

func ready(part *discovery.EndpointSlice, name string) []string {
	var found []string
	for _, port := range part.Ports {
		if port.Name == nil || *port.Name != name || port.Port == nil {
			continue
		}
		for _, endpoint := range part.Endpoints {
			if endpoint.Conditions.Ready != nil && *endpoint.Conditions.Ready {
				found = append(found, net.JoinHostPort(endpoint.Addresses[0], strconv.Itoa(int(*port.Port))))
			}
		}
	}
	return found
}

// tls takes certificates from the secrets that Ingress objects name, else one that nobody trusts.
func (k *known) tls() *tls.Config {
	own, err := untrusted()
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if found := k.certificate(hello.ServerName); found != nil {
				return found, nil
			}
			return own, err
		},
	}
}

func (k *known) certificate(host string) *tls.Certificate {
	all, err := k.ingresses.List(labels.Everything())
	if err != nil {
		return nil
	}
	for _, ingress := range all {
		for _, wanted := range ingress.Spec.TLS {
			if !k.serves(ingress) || !contains(wanted.Hosts, host) {
				continue
			}
			secret, err := k.secrets.Secrets(ingress.Namespace).Get(wanted.SecretName)
			if err != nil {
				continue
			}
			if pair, err := tls.X509KeyPair(secret.Data["tls.crt"], secret.Data["tls.key"]); err == nil {
				return &pair
			}
		}
	}
	return nil
}

func contains(hosts []string, host string) bool {
	_, rest, _ := strings.Cut(host, ".")
	for _, one := range hosts {
		if one == host || one == "*."+rest {
			return true
		}
	}
	return false
}

func untrusted() (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	model := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotAfter:     time.Now().AddDate(1, 0, 0),
		DNSNames:     []string{"localhost"},
	}
	made, err := x509.CreateCertificate(rand.Reader, model, model, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("the certificate of nobody: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}, nil
}
