package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"
)

// Image is a container image with one layer.
type Image struct {
	Tag          string // as "dragoman:1.2.3"
	Architecture string // as Go names it
	Created      time.Time
	Files        []File
	Config       ImageConfig
}

// ImageConfig is how a container of an image runs, in the form of the OCI image
// specification.
type ImageConfig struct {
	User         string              `json:"User,omitempty"`
	ExposedPorts map[string]struct{} `json:"ExposedPorts,omitempty"`
	Env          []string            `json:"Env,omitempty"`
	Entrypoint   []string            `json:"Entrypoint,omitempty"`
	Cmd          []string            `json:"Cmd,omitempty"`
	Labels       map[string]string   `json:"Labels,omitempty"`
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    *platform         `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

const (
	imageType    = "application/vnd.oci.image."
	configType   = imageType + "config.v1+json"
	layerType    = imageType + "layer.v1.tar"
	manifestType = imageType + "manifest.v1+json"
	indexType    = imageType + "index.v1+json"
)

// Write writes the image as a tar that is both an OCI image layout and what "docker
// load" reads. Nothing is compressed: whoever stores it does that.
func (i Image) Write(w io.Writer) error {
	var layer bytes.Buffer
	if err := writeTar(&layer, i.Created, i.Files); err != nil {
		return err
	}
	l := &layout{}
	layerAt := l.blob(layerType, layer.Bytes())
	configAt, err := l.json(configType, map[string]any{
		"created": i.Created.UTC().Format(time.RFC3339), "architecture": i.Architecture, "os": "linux", "config": i.Config,
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{layerAt.Digest}},
		"history": []any{map[string]any{"created": i.Created.UTC().Format(time.RFC3339), "created_by": "make release"}},
	})
	if err != nil {
		return err
	}
	manifestAt, err := l.json(manifestType, map[string]any{
		"schemaVersion": 2, "mediaType": manifestType, "config": configAt, "layers": []descriptor{layerAt},
	})
	if err != nil {
		return err
	}
	manifestAt.Platform = &platform{Architecture: i.Architecture, OS: "linux"}
	manifestAt.Annotations = map[string]string{"io.containerd.image.name": "docker.io/library/" + i.Tag, "org.opencontainers.image.ref.name": i.Tag}
	for name, content := range map[string]any{
		"oci-layout": map[string]any{"imageLayoutVersion": "1.0.0"},
		"index.json": map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": []descriptor{manifestAt}},
		"manifest.json": []any{map[string]any{ // for Docker
			"Config": blobPath(configAt.Digest), "RepoTags": []string{i.Tag}, "Layers": []string{blobPath(layerAt.Digest)},
		}},
	} {
		text, err := json.Marshal(content)
		if err != nil {
			return err
		}
		l.files = append(l.files, File{Name: name, Content: text, Mode: 0o644})
	}
	return writeTar(w, i.Created, l.files)
}

// layout collects the blobs of an image.
type layout struct{ files []File }

func (l *layout) json(mediaType string, value any) (descriptor, error) {
	text, err := json.Marshal(value)
	return l.blob(mediaType, text), err
}

func (l *layout) blob(mediaType string, content []byte) descriptor {
	sum := sha256.Sum256(content)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	l.files = append(l.files, File{Name: blobPath(digest), Content: content, Mode: 0o644})
	return descriptor{MediaType: mediaType, Digest: digest, Size: len(content)}
}

func blobPath(digest string) string { return "blobs/sha256/" + digest[len("sha256:"):] }
