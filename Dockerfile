# The image holds one static binary and nothing else. "make image" builds the
# binary first; nothing is pulled.
FROM scratch
COPY bin/dragoman /dragoman
USER 65532:65532
EXPOSE 8080 9090
ENTRYPOINT ["/dragoman"]
CMD ["serve", "--listen", ":8080", "--grpc", ":9090"]
