/** Where the API server is, and who we are to it. Asked before each request, for a token may have been made anew. */
export interface Access {
  /** `https://10.96.0.1:443` */
  server: string;
  /** Our own namespace. */
  namespace: string;
  credentials(): Promise<Credentials>;
}

export interface Credentials {
  /** PEM of those whose signature the server's certificate must bear; left out: those whom the machine trusts. */
  ca?: string | undefined;
  token?: string | undefined;
  /** PEM of a client certificate and its key. */
  certificate?: { cert: string; key: string } | undefined;
  /** Name that the server's certificate must bear, where it is not that of the address. */
  serverName?: string | undefined;
}
