# syntax=docker/dockerfile:1
# The host, its plugins and the console in an image that holds nothing else: no shell, no package
# manager, no C library, and no user but an unprivileged one.
#
# The last stage is empty by default and takes its few files from the build stage. To stand on a
# distroless image instead, name it:  docker build --build-arg BASE_IMAGE=<a static, non-root image> .
ARG NODE_IMAGE=node:20-bookworm-slim
ARG GO_IMAGE=golang:1.26-bookworm
ARG BASE_IMAGE=scratch

FROM ${NODE_IMAGE} AS console
WORKDIR /src/admin-ui
COPY admin-ui/package.json admin-ui/package-lock.json admin-ui/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY core/api/openapi.yaml /src/core/api/openapi.yaml
COPY admin-ui/ ./
RUN npm run build

FROM ${GO_IMAGE} AS host
WORKDIR /src
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=console /src/admin-ui/dist/ admin-ui/dist/
ARG VERSION=dev
RUN make binaries VERSION="${VERSION}"
# What a program without a C library still reads: certificate authorities, time zones, a user's name,
# and a directory for sockets.
RUN mkdir -p /rootfs/etc/ssl/certs /rootfs/usr/share /rootfs/usr/local/bin /rootfs/usr/local/lib/zhanggui \
 && cp /etc/ssl/certs/ca-certificates.crt /rootfs/etc/ssl/certs/ \
 && cp -r "$(go env GOROOT)/lib/time" /rootfs/usr/share/zoneinfo \
 && printf 'nonroot:x:65532:65532::/nonexistent:/sbin/nologin\n' >/rootfs/etc/passwd \
 && printf 'nonroot:x:65532:\n' >/rootfs/etc/group \
 && cp bin/zhanggui /rootfs/usr/local/bin/ \
 && cp -r bin/plugins /rootfs/usr/local/lib/zhanggui/plugins \
 && install -d -m 1777 /rootfs/tmp

FROM ${BASE_IMAGE}
COPY --from=host /rootfs/ /
ENV ZONEINFO=/usr/share/zoneinfo/zoneinfo.zip \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    ZHANGGUI_PLUGINS_DIR=/usr/local/lib/zhanggui/plugins
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/zhanggui"]
CMD ["serve"]
