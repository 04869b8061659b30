package main

import (
	"context"
	"log"

	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// watchStatus writes the address into every Ingress that is served, which tells whoever waits that it is.
func watchStatus(
	ctx context.Context,
	client kubernetes.Interface,
	factory informers.SharedInformerFactory,
	known *known,
	address string,
) error {
	tell := func(object any) {
		ingress, ok := object.(*networking.Ingress)
		if !ok || !known.serves(ingress) || told(ingress, address) {
			return
		}
		ingress = ingress.DeepCopy()
		ingress.Status.LoadBalancer.Ingress = []networking.IngressLoadBalancerIngress{{IP: address}}
		if _, err := client.NetworkingV1().Ingresses(ingress.Namespace).UpdateStatus(ctx, ingress, meta.UpdateOptions{}); err != nil {
			log.Printf("status of %s/%s: %v", ingress.Namespace, ingress.Name, err)
		}
	}
	handler := cache.ResourceEventHandlerFuncs{AddFunc: tell, UpdateFunc: func(_, object any) { tell(object) }}
	_, err := factory.Networking().V1().Ingresses().Informer().AddEventHandler(handler)
	return err
}

func told(ingress *networking.Ingress, address string) bool {
	there := ingress.Status.LoadBalancer.Ingress
	return len(there) == 1 && there[0].IP == address
}
