// Objects is the lab's object store: `minio server FOLDER --address=:PORT` answers S3's API as far as backups use it,
// from files below the folder, to those who sign with the keys that MINIO_ROOT_USER_FILE and
// MINIO_ROOT_PASSWORD_FILE name.
//
// It stands here because MinIO itself takes longer to build than all the rest of the lab.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3afero"
	"github.com/rclone/gofakes3/signature"
	"github.com/spf13/afero"
)

const (
	health  = "/minio/health/"
	store   = ".store"
	drained = 20 * time.Second
)

func main() {
	if len(os.Args) < 3 || os.Args[1] != "server" {
		log.Fatal("usage: minio server FOLDER --address=:PORT")
	}
	flags := flag.NewFlagSet("server", flag.ExitOnError)
	address := flags.String("address", ":9000", "where to listen")
	if err := flags.Parse(os.Args[3:]); err != nil {
		log.Fatal(err)
	}
	if err := run(os.Args[2], *address); err != nil {
		log.Fatal(err)
	}
}

func run(folder, address string) error {
	user, password, err := keys()
	if err != nil {
		return err
	}
	signature.ReloadKeys(map[string]string{user: password})
	objects, err := open(folder)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: address, Handler: guarded(objects), ReadHeaderTimeout: 10 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), drained)
	defer cancel()
	return server.Shutdown(ending)
}

func keys() (user, password string, err error) {
	if user, err = contents("MINIO_ROOT_USER_FILE"); err != nil {
		return "", "", err
	}
	password, err = contents("MINIO_ROOT_PASSWORD_FILE")
	return user, password, err
}

func contents(variable string) (string, error) {
	read, err := os.ReadFile(os.Getenv(variable))
	return strings.TrimSpace(string(read)), err
}

// open takes each folder that is there for a bucket, as MinIO does.
func open(folder string) (http.Handler, error) {
	files := afero.NewBasePathFs(afero.NewOsFs(), folder)
	if err := files.MkdirAll(store, 0o750); err != nil {
		return nil, err
	}
	backend, err := s3afero.MultiBucket(afero.NewBasePathFs(files, store))
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if !entry.IsDir() || entry.Name() == store || entry.Name() == "lost+found" {
			continue
		}
		exists, err := backend.BucketExists(entry.Name())
		if err == nil && !exists {
			err = backend.CreateBucket(entry.Name())
		}
		if err != nil {
			return nil, err
		}
	}
	return gofakes3.New(backend).Server(), nil
}

func guarded(objects http.Handler) http.Handler {
	return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		if strings.HasPrefix(request.URL.Path, health) {
			writer.WriteHeader(http.StatusOK)
			return
		}
		if result := signature.V4SignVerify(request); result != signature.ErrNone {
			refusal := signature.GetAPIError(result)
			http.Error(writer, refusal.Description, refusal.HTTPStatusCode)
			return
		}
		objects.ServeHTTP(writer, request)
	})
}


