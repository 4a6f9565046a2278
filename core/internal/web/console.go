package web

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// noncePlaceholder in index.html is replaced by a fresh nonce for style elements.
const noncePlaceholder = "__CSP_NONCE__"

// minGzip is the size below which compressing gains nothing.
const minGzip = 1 << 10

// console serves the built files: assets for ever, since their names carry a hash;
// index.html for every other address, since the console routes in the browser.
type console struct {
	assets map[string]*asset
	index  []byte
	// scripts are the hashes of index.html's inline scripts, for the policy.
	scripts string
	nonce   bool
}

type asset struct {
	body      []byte
	media     string
	etag      string
	immutable bool
	packed    func() []byte // the body compressed, made once; nil when it is not worth it
}

func newConsole(files fs.FS) (*console, error) {
	c := &console{assets: map[string]*asset{}}
	if files == nil {
		return c, nil
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		c.assets["/"+name] = newAsset("/"+name, body)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("web: read the console's files: %w", err)
	}
	index, ok := c.assets["/index.html"]
	if !ok {
		return nil, errNoConsole
	}
	c.index = index.body
	c.nonce = bytes.Contains(c.index, []byte(noncePlaceholder))
	c.scripts = inlineScriptHashes(c.index)
	return c, nil
}

func newAsset(name string, body []byte) *asset {
	sum := sha256.Sum256(body)
	a := &asset{body: body, media: mediaType(name), etag: `"` + hex.EncodeToString(sum[:12]) + `"`, immutable: strings.HasPrefix(name, "/assets/")}
	if compressible(a.media) && len(body) >= minGzip {
		a.packed = sync.OnceValue(func() []byte { return pack(body) })
	}
	return a
}

func mediaType(name string) string {
	switch path.Ext(name) {
	// The system's table may lack or bend these.
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".html":
		return "text/html; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".woff2":
		return "font/woff2"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

func compressible(media string) bool {
	return strings.HasPrefix(media, "text/") || strings.HasPrefix(media, "application/json") || media == "image/svg+xml"
}

// pack gives nil when compressing does not make it smaller.
func pack(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(body); err != nil || w.Close() != nil || out.Len() >= len(body) {
		return nil
	}
	return out.Bytes()
}

// serve answers what no other route did.
func (c *console) serve(ctx *fiber.Ctx) error {
	if m := ctx.Method(); (m != http.MethodGet && m != http.MethodHead) || reserved(ctx.Path()) {
		return ctx.Next()
	}
	if a, ok := c.assets[ctx.Path()]; ok && ctx.Path() != "/index.html" {
		return a.send(ctx)
	}
	if path.Ext(ctx.Path()) != "" && ctx.Path() != "/index.html" {
		return ctx.Next()
	}
	return c.sendIndex(ctx)
}

// reserved addresses are never the console's.
func reserved(p string) bool {
	for _, prefix := range []string{"/v1", "/in", "/docs", "/assets", "/livez", "/readyz", "/metrics", "/openapi.yaml"} {
		if p == prefix || strings.HasPrefix(p, prefix+"/") {
			return prefix != "/assets"
		}
	}
	return false
}

func (a *asset) send(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, a.media)
	c.Set(fiber.HeaderETag, a.etag)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	if a.immutable {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	if c.Get(fiber.HeaderIfNoneMatch) == a.etag {
		return c.SendStatus(http.StatusNotModified)
	}
	body := a.body
	if a.packed != nil && acceptsGzip(c.Get(fiber.HeaderAcceptEncoding)) {
		if p := a.packed(); p != nil {
			c.Set(fiber.HeaderContentEncoding, "gzip")
			body = p
		}
	}
	return c.Send(body)
}

func acceptsGzip(accept string) bool {
	for _, part := range strings.Split(accept, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return !regexp.MustCompile(`q=0(\.0*)?$`).MatchString(strings.ReplaceAll(params, " ", ""))
		}
	}
	return false
}

// sendIndex sends the page with its policy: nothing but our own files runs.
func (c *console) sendIndex(ctx *fiber.Ctx) error {
	ctx.Set(fiber.HeaderCacheControl, "no-cache")
	if c.index == nil {
		ctx.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
		return ctx.SendString("This program was built without the console. The API is at /v1, its reference at /docs.\n")
	}
	style, page := "style-src 'self' 'unsafe-inline'", c.index
	if c.nonce {
		nonce := newNonce()
		style = "style-src 'self' 'nonce-" + nonce + "'; style-src-attr 'unsafe-inline'"
		page = bytes.ReplaceAll(page, []byte(noncePlaceholder), []byte(nonce))
	}
	ctx.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'"+c.scripts+"; "+style+
		"; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	ctx.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	return ctx.Send(page)
}

func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return base64.RawStdEncoding.EncodeToString(b[:])
}

// inlineScriptHashes lets exactly the inline scripts of index.html run.
func inlineScriptHashes(page []byte) string {
	out := ""
	for _, m := range regexp.MustCompile(`(?is)<script([^>]*)>(.*?)</script>`).FindAllSubmatch(page, -1) {
		if bytes.Contains(bytes.ToLower(m[1]), []byte("src=")) {
			continue
		}
		sum := sha256.Sum256(m[2])
		out += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return out
}
