# docker build -t precis .
# docker run --rm --network none --user "$(id -u):$(id -g)" \
#   -v "$PWD/corpus:/corpus:ro" -v "$PWD/out:/out" -v precis-cache:/cache precis run /corpus --out /out

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked && target/release/precis man --out /usr/local/share

FROM debian:bookworm-slim
# For `precis models get` only.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/target/release/precis /usr/local/bin/precis
COPY --from=build /usr/local/share/man /usr/local/share/man
COPY models/fr-en-small /usr/local/share/precis/models/fr-en-small
COPY models/fr-en-tiny /usr/local/share/precis/models/fr-en-tiny
# Whoever runs it: the translations that are kept, and models that are fetched.
RUN mkdir -m 1777 /cache /data /out
ENV XDG_CACHE_HOME=/cache XDG_DATA_HOME=/data
USER 65534:65534
WORKDIR /out
ENTRYPOINT ["/usr/local/bin/precis"]
CMD ["--help"]
