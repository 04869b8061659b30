// Ingress is the lab's way into its cluster: it serves Ingress objects, and nothing else that larger controllers do.
//
// It stands here because no controller that can be built from published Go modules does without a proxy that cannot.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

const (
	resync  = 10 * time.Second
	drained = 20 * time.Second
)

func main() {
	class := flag.String("class", "souk-lab", "the IngressClass to serve")
	address := flag.String("address", "127.0.0.1", "what is written into the status of an Ingress")
	flag.Parse()
	if err := run(*class, *address); err != nil {
		log.Fatal(err)
	}
}

func run(class, address string) error {
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	factory := informers.NewSharedInformerFactory(client, resync)
	known := newKnown(factory, class)
	if err := watchStatus(ctx, client, factory, known, address); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	return serve(ctx, known)
}

func serve(ctx context.Context, known *known) error {
	handler := newProxy(known)
	servers := []*http.Server{
		{Addr: ":8000", Handler: handler, ReadHeaderTimeout: 10 * time.Second},
		{Addr: ":8443", Handler: handler, ReadHeaderTimeout: 10 * time.Second, TLSConfig: known.tls()},
		{Addr: ":9000", Handler: http.HandlerFunc(alive), ReadHeaderTimeout: 10 * time.Second},
	}
	failed := make(chan error, len(servers))
	for index, server := range servers {
		go func() {
			if index == 1 {
				failed <- server.ListenAndServeTLS("", "")
			} else {
				failed <- server.ListenAndServe()
			}
		}()
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), drained)
	defer cancel()
	var errs []error
	for _, server := range servers {
		errs = append(errs, server.Shutdown(ending))
	}
	return errors.Join(errs...)
}

func alive(writer http.ResponseWriter, _ *http.Request) {
	writer.WriteHeader(http.StatusNoContent)
}
