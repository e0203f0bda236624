/// A file with every setting, each at another value than its default.
let exampleConfiguration = """
    # mintmarkd --config FILE
    # Without any of this the daemon listens on 127.0.0.1:7420 and keeps its keys in its state directory.

    # Where to listen: loopback addresses and a Unix socket. Port 0 picks a free port.
    listen:
      - 127.0.0.1:7421
      - "[::1]:7421"            # an IPv6 host is written in brackets, and YAML wants quotes around those
      - localhost:0
    unix: /run/mintmark/mintmark.sock

    threads: 2                  # event loops
    data_directory: /srv/mintmark
    issuer: https://tokens.example.com
    ready_file: /run/mintmark/ready.json
    audit_file: /var/log/mintmark/audit.log
    log: {level: debug, format: json}

    insecure_listeners: allow   # or refuse
    tls:
      listen: ["192.0.2.1:7421"]
      certificate: /etc/mintmark/server.pem
      private_key: /etc/mintmark/server.key
      client_ca: /etc/mintmark/callers.pem
      client_certificates: optional

    # Health, metrics and public keys over HTTP; off switches it off.
    admin:
      listen: 192.0.2.1:7423
      remote: allow             # or refuse: loopback addresses only
      hosts: [mintmark.internal]
      authz:                    # proxies ask /authz whom to let in
        listen: 192.0.2.1:7424
        client: local
        audiences: [orders]
        issuers: [https://tokens.example.com]
        scopes: [read]

    # What one caller may cost.
    limits:
      frame_length: 128KiB
      in_flight: 512
      connections: 4096
      memory: 128MiB            # all connections together
      queue_time: 20ms          # longer than this nobody waits for long
      handshake_timeout: 5s
      frame_timeout: 15s
      write_timeout: 1m
      shutdown_timeout: 2500ms

    tokens:
      type: JWT
      algorithm: Ed25519        # the name of RFC 9864
      leeway: 0s
      cache_size: 0             # no cache
      signing_key_file: /etc/mintmark/signing-key.pem
      signing_key_passphrase_file: /etc/mintmark/passphrase

    keys:
      directory: /srv/keys
      passphrase_file: credential:passphrase
      rotation: 7d              # or never
      jwks_cache: 10m           # how long others keep the published keys
    trusted_issuers:
      - {issuer: https://other.example, jwks_file: /etc/mintmark/other.json, audiences: [orders, "a, b"]}
      - issuer: third
        jwks_file: third.json

    sessions:
      max: 1000000
      cut_offs_max: 50000
      sweep_interval: 250ms
      master_key_file: /etc/mintmark/master.key
    storage:
      durability: interval:250ms
      snapshot_interval: 1m
      segment_size: 4MiB

    clients:
      local:                    # everybody, where no other client is configured and it has no identities
        rotation: {after: 24h}  # or always, never, {after_fraction: 0.7}
        grace:
          window: 30s           # at most a tenth of access_token_ttl
          uses: 8
          streak: 32
        access_token_ttl: 10m
        idle: 14d
        absolute: 90d
        context: rotate
        client_mismatch: revoke
        ttl_jitter: 5%
        sessions_per_subject: {max: 10, when_full: revoke_oldest}
        identities:
          user_ids: [1000]      # on the Unix socket
          certificates: ["URI:spiffe://mesh/web"]
          public_keys: [11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo]
        permissions:            # without one: any, and no administration
          operations: [sign, verify]
          admin: true
          subjects: ["user-*", "*@example"]
          audiences: [api]
          scopes: [read]
          claims: [role]
        rates:                  # without one: unlimited
          sign: 100/s
          verify: 5000/s burst 20000
          open: 20/s
          refresh: 50/s
          revoke: 30/m
          introspect: 10/s
          keys: 1/s
          stats: 1/s
          admin: 5/h

    """
