# The image holds one static binary and an empty folder for the default store;
# mount a volume there to keep it. "make image" makes both first; nothing is
# pulled.
FROM scratch
COPY bin/dragoman /dragoman
COPY --chown=65532:65532 bin/data /data
ENV DRAGOMAN_DATA_DIR=/data
USER 65532:65532
EXPOSE 8080 9090
ENTRYPOINT ["/dragoman"]
CMD ["serve", "--listen", ":8080", "--grpc", ":9090"]
