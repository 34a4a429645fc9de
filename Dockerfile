# leadctl alone in an image: a static binary, the authorities that vouch for
# partners, the time zones, nothing else.
# Not yet run: written where no container engine could be reached.
#
#   docker build -t leadctl .
#   docker run --rm -v "$PWD:/data" -u "$(id -u):$(id -g)" leadctl check export.csv
#
# /data is the working folder: partners.toml, exports and the ledger (what was sent)
# lie there. Without a folder of yours behind it, nothing is remembered.
FROM rust:1-alpine AS build
RUN apk add --no-cache ca-certificates gcc musl-dev tzdata
WORKDIR /src
COPY . .
RUN cargo build --release --locked && mkdir -m 1777 /empty

FROM scratch
COPY --from=build /src/target/release/leadctl /leadctl
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build /src/LICENSE /LICENSE
COPY --from=build /empty /tmp
ENV HOME=/data LEADCTL_LEDGER=/data/ledger.db
WORKDIR /data
USER 65532:65532
ENTRYPOINT ["/leadctl"]
