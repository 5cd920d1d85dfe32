/** The whole configuration after all sources were read, checked and defaulted. Units are in the names. */
export interface KnotConfig {
  readonly server: {
    /** `host:port` or `:port`; port 0 takes a free one. */
    readonly listen: string;
    readonly url: string;
    readonly zone: string;
    readonly hostname: string;
    /** '' or 32 characters: seals the reversible secrets. */
    readonly encrypt: string;
    readonly timezone: string;
    readonly auditRetentionDays: number;
    readonly authIpRateLimiting: boolean;
    readonly dataDir: string;
    readonly cluster: {
      readonly key: string;
      /** '' turns cluster mode off. */
      readonly advertiseAddr: string;
      readonly bindAddr: string;
      readonly peers: readonly string[];
      readonly compression: boolean;
      readonly tcpOnly: boolean;
    };
    readonly tls: {
      readonly certFile: string;
      readonly keyFile: string;
      readonly caFile: string;
      readonly skipVerify: boolean;
    };
    readonly totp: { readonly enabled: boolean; readonly window: number; readonly issuer: string };
  };
  readonly log: { readonly level: "trace" | "debug" | "info" | "warn" | "error"; readonly format: "text" | "json" };
}
