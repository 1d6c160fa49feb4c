ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY fixtures fixtures
COPY _mockserver_pytest _mockserver_pytest
COPY mockserver mockserver
RUN python -m venv /opt/mockserver \
 && /opt/mockserver/bin/pip install --no-cache-dir --disable-pip-version-check --no-compile '.[speed,documents]' \
 && /opt/mockserver/bin/pip uninstall --yes --quiet pip \
 && /opt/mockserver/bin/python -m compileall -q /opt/mockserver/lib
# So that nothing mounted is fine, and an empty mount is told of: nobody mounts that on purpose.
RUN mkdir /fixtures && echo '# Mount a folder of fixture files here.' >/fixtures/none.yaml

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="mockserver" \
      org.opencontainers.image.description="Stands in for OpenAI's Assistants API: deterministic, in memory, made to fail on demand." \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/mockserver /opt/mockserver
COPY --from=build /fixtures /fixtures
ENV PATH=/opt/mockserver/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MOCKSERVER_HOST=0.0.0.0 \
    MOCKSERVER_FIXTURES=/fixtures
USER 10001:10001
EXPOSE 4010
# It looks twice a second until the server is well, and every five seconds from then on. That is what
# --start-interval=500ms is for, but builders before Engine 25 (Dockerfile syntax 1.6) refuse the
# flag, and engines before it ignore it. So a check of what has been well waits first, by itself.
HEALTHCHECK --interval=500ms --timeout=10s --start-period=30s --retries=3 \
  CMD [ ! -e /dev/shm/was-well ] || sleep 4.5; \
      mockserver healthcheck && { touch /dev/shm/was-well 2>/dev/null || true; }
ENTRYPOINT ["mockserver"]
