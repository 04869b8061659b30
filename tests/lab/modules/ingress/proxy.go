package main

import (
	"context"
	"errors"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"time"
)

type addressesKey struct{}

// proxy sends a request to one of the pods that its Ingress names.
type proxy struct {
	known   *known
	reverse *httputil.ReverseProxy
}

func newProxy(known *known) *proxy {
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     5 * time.Second,
	}
	reverse := &httputil.ReverseProxy{
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetXForwarded()
			request.Out.URL.Scheme = "http"
			request.Out.Host = request.In.Host
		},
		Transport:     next{transport},
		FlushInterval: -1,
		ErrorHandler: func(writer http.ResponseWriter, request *http.Request, err error) {
			log.Printf("%s %s%s: %v", request.Method, request.Host, request.URL.Path, err)
			http.Error(writer, "the service does not answer", http.StatusBadGateway)
		},
	}
	return &proxy{known: known, reverse: reverse}
}

func (p *proxy) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	host := request.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	namespace, backend := p.known.backend(host, request.URL.Path)
	if backend == nil {
		http.Error(writer, "no Ingress leads here", http.StatusNotFound)
		return
	}
	addresses := p.known.addresses(namespace, backend)
	if len(addresses) == 0 {
		http.Error(writer, "no pod of the service is ready", http.StatusServiceUnavailable)
		return
	}
	rand.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
	p.reverse.ServeHTTP(writer, request.WithContext(context.WithValue(request.Context(), addressesKey{}, addresses)))
}

// next tries another pod where one cannot be connected to: nothing has been sent by then.
type next struct{ transport http.RoundTripper }

func (n next) RoundTrip(request *http.Request) (*http.Response, error) {
	var response *http.Response
	var err error
	for _, address := range request.Context().Value(addressesKey{}).([]string) {
		request.URL.Host = address
		response, err = n.transport.RoundTrip(request)
		var refused *net.OpError
		if err == nil || !errors.As(err, &refused) || refused.Op != "dial" {
			break
		}
	}
	return response, err
}
