# Built where the packages of packages.txt are, run where only the libraries are.
FROM debian:12 AS build
WORKDIR /src
COPY packages.txt dev ./
RUN ./dev install build
COPY cmake/install_librdkafka cmake/
RUN cmake/install_librdkafka build/librdkafka
COPY . .
RUN ./dev build release boxoffice && strip -o /boxoffice build/release/boxoffice

FROM debian:12-slim
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends \
      libfmt9 libidn2-0 libprometheus-cpp-core1.0 librocksdb7.8 libsasl2-2 libsimdjson14 libsodium23 \
      libspdlog1.10 libssl3 libtcmalloc-minimal4 libtomlplusplus3 libunistring2 libzstd1 tzdata zlib1g \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home /data --create-home boxoffice
COPY --from=build /boxoffice /usr/local/bin/boxoffice
USER boxoffice
WORKDIR /data
VOLUME /data
ENV BOXOFFICE_DATA=/data
# SIGTERM: what is under way is answered, and partitions are handed over.
STOPSIGNAL SIGTERM
ENTRYPOINT ["boxoffice"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
