# One image for the service (`surety serve`) and for the worker (`surety worker`). It carries no
# Postgres: SURETY_DATABASE_URL names one.

FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv --without-pip /opt/surety \
    && pip --python /opt/surety/bin/python install --no-cache-dir --no-deps --require-hashes \
        --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app ./app
COPY migrations ./migrations
RUN pip --python /opt/surety/bin/python install --no-cache-dir --no-deps --no-index \
        --no-build-isolation .

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --home-dir /srv/surety surety
COPY --from=build /opt/surety /opt/surety
COPY alembic.ini /srv/surety/
ENV PATH=/opt/surety/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SURETY_HOST=0.0.0.0
USER surety
WORKDIR /srv/surety
EXPOSE 8000
STOPSIGNAL SIGTERM
# For the worker, which does not listen: `docker run --no-healthcheck … surety worker`.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"SURETY_PORT\", 8000)}/healthz', timeout=2)"]
CMD ["surety", "serve"]
