# One image for every stage: `docker run wirewatch fetch`, `... index`, and so on. docker-compose.yml puts them together.
# tests/unit/test_compose.py runs the RUN lines below outside of Docker; so they take their paths from ARG.

ARG PYTHON=3.13.9-slim-trixie
FROM python:${PYTHON} AS build
ARG VENV=/opt/wirewatch
ARG DATA=/data
WORKDIR /src
COPY . .
RUN python -m venv "$VENV"
RUN "$VENV/bin/pip" install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-run.lock
RUN PIP_CONSTRAINT=requirements.lock "$VENV/bin/pip" install --no-cache-dir --disable-pip-version-check --no-deps .
RUN mkdir -p "$DATA"

FROM python:${PYTHON}
COPY --from=build /opt/wirewatch /opt/wirewatch
COPY --from=build --chown=10001:10001 /data /data
ENV PATH=/opt/wirewatch/bin:$PATH \
    HOME=/data \
    PYTHONUNBUFFERED=1 \
    WIREWATCH_DATA=/data \
    WIREWATCH_SERVICE_PORT=8790
USER 10001:10001
WORKDIR /data
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$WIREWATCH_SERVICE_PORT && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ $status = 200 ]"]
ENTRYPOINT ["wirewatch"]
CMD ["--help"]
