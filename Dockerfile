# One image with errand-operator, errand-webhook, errand-cainjector, and kubectl-errand, which scans.
#   docker build -t registry.example.com/errand:0.1.0 .
FROM debian:trixie-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      g++ cmake ninja-build pkg-config mold \
      libcpprest-dev libboost-dev libssl-dev nlohmann-json3-dev libsimdjson-dev \
      libspdlog-dev libfmt-dev libre2-dev libyaml-cpp-dev libcli11-dev prometheus-cpp-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY core core
COPY operator operator
COPY rules rules
COPY webhook webhook
COPY cli cli
RUN cmake --preset release \
 && cmake --build --preset release --target errand-operator errand-cainjector errand-webhook kubectl-errand

FROM debian:trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libcpprest2.10 libssl3t64 libsimdjson25 libspdlog1.15 libfmt10 libre2-11 libyaml-cpp0.8 libprometheus-cpp-core1.0 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/build/release/operator/errand-operator /src/build/release/operator/errand-cainjector /src/build/release/webhook/errand-webhook /src/build/release/cli/kubectl-errand /usr/local/bin/
# Fails the build, not the start, where a library is missing.
RUN ! ldd /usr/local/bin/errand-operator /usr/local/bin/errand-cainjector /usr/local/bin/errand-webhook /usr/local/bin/kubectl-errand | grep 'not found'
LABEL org.opencontainers.image.title="errand" \
      org.opencontainers.image.description="Access on Kubernetes for AI agents that lasts as long as a task" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 65532:65532
CMD ["/usr/local/bin/errand-operator"]
