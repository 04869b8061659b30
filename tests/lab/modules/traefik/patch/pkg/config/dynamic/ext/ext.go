// Package ext stands for the part of Traefik that its published module lacks: extension points, empty in its free build.
package ext

// HTTP would extend the HTTP configuration.
type HTTP struct{}

// Router would extend a router.
type Router struct{}
