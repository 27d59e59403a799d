# The digest is that of all platforms together. To renew it, here and wherever else it stands:
#   docker buildx imagetools inspect golang:1.26.8
FROM golang:1.26.8@sha256:3c3e25a4da13fd0478eed2df1eb35a0e667094a7124d3993a6a1d30f71c17e79 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG REVISION=unknown
RUN make build REVISION="$REVISION"

FROM scratch
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ogg_exporter" \
      org.opencontainers.image.description="Prometheus exporter for Oracle GoldenGate Microservices" \
      org.opencontainers.image.source="https://github.com/ogg-exporter/ogg_exporter" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
# The public CAs, for an identity provider or a GoldenGate with a public certificate.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/LICENSE /src/LICENSES.txt /
COPY --from=build /src/ogg_exporter /ogg_exporter
# Numeric, so that Kubernetes can check runAsNonRoot.
USER 65532:65532
EXPOSE 17809
ENTRYPOINT ["/ogg_exporter"]
