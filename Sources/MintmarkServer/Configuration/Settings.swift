/// The settings of the daemon: one declaration each, in the order of the reference.
package enum Settings {
    static let listen = ListSetting(
        name: "listen",
        itemType: .listenAddress,
        countMax: 64,
        mayRepeat: { $0.port == 0 },
        defaultItems: [ListenAddress("127.0.0.1:7420")].compactMap(\.self),
        flag: "--listen",
        meaning:
            """
            TCP addresses to listen on in clear, loopback only; port 0 picks a free one, and an empty list beside \
            another listener means none.
            """
    )
    static let insecureListeners = Setting(
        "insecure_listeners",
        SettingType<InsecureListeners>.choice,
        default: .refuse,
        flag: "--insecure-listeners",
        """
        Whether other machines may reach a listener that does not encrypt, or lets in callers it does not know. \
        Whoever reaches one can make tokens.
        """
    )
    static let unix = Setting(
        "unix",
        .optional(.socketPath),
        default: nil,
        flag: "--unix",
        """
        Path of a Unix socket to listen on; the daemon's user and group may connect to it (mode 0660). The directory that it \
        lies in is made where there is none, but none above that.
        """
    )
    static let threads = Setting(
        "threads",
        .count(1...256, of: "threads"),
        defaultMeaning: "one per available processor",
        flag: "--threads",
        "Event loops that serve connections."
    )
    static let dataDirectory = Setting(
        "data_directory",
        .path,
        defaultMeaning: "$STATE_DIRECTORY, else $XDG_STATE_HOME/mintmark, else $HOME/.local/state/mintmark",
        flag: "--data-dir",
        "Where keys and sessions are kept."
    )
    static let issuer = Setting(
        "issuer",
        .issuer(bytesMax: 256),
        default: "mintmark",
        flag: "--issuer",
        "The iss claim of every access token, made and expected: a URL, or any name."
    )
    static let readyFile = Setting(
        "ready_file",
        .optional(.path),
        default: nil,
        flag: "--ready-file",
        "File that is written when the daemon is ready: JSON with the bound addresses and the process id."
    )
    static let auditFile = Setting(
        "audit_file",
        .optional(.path),
        default: nil,
        """
        The audit log, JSON lines; opened again on every SIGHUP, also where the reload is refused. Administrative \
        operations are refused while it cannot be written.
        """
    )
    /// Where clients are configured, each under its id.
    static let clientsPath: [Substring] = ["clients"]

    /// Every setting that a file, an environment or flags can hold, those of a client under the id `local`, in the order of the reference.
    package static let reference: [SettingDescription] = groups.flatMap(\.settings).map(\.description)

    /// The settings under the headings of the reference.
    static let groups: [(title: String, settings: [any DescribedSetting])] = [
        (
            "The server",
            [listen, unix, insecureListeners, threads, dataDirectory, issuer, readyFile, auditFile]
        ),
        ("Log", Log.all),
        ("TLS", TLS.all),
        ("Admin HTTP", Admin.all),
        ("Limits", Limits.all),
        ("Access tokens", Tokens.all),
        ("Signing keys", Keys.all),
        ("Tokens of others", [trustedIssuers]),
        ("Sessions", Sessions.all),
        ("What survives a stop", Storage.all),
        ("Clients: in place of `ID` the client's id", Client(id: Configuration.localClientID).all),
    ]
}
