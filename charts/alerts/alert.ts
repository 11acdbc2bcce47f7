/** Of alerts: somebody is woken by what is critical, and looks at a warning in working hours. */
export interface Alert {
  /** docs/runbooks has a page of this name. */
  readonly alert: string;
  readonly severity: "critical" | "warning";
  /** How long it must be so. */
  readonly for: string;
  readonly expr: string;
  /** One line; labels as Prometheus fills them in. */
  readonly summary: string;
  readonly description: string;
}

/** What is computed once, because more than one alert or board asks for it. */
export interface Recording {
  readonly record: string;
  readonly expr: string;
}

export interface AlertGroup {
  readonly name: string;
  readonly rules: readonly (Alert | Recording)[];
}

/** Labels by which systems are told apart: those of scraping, see templates/pod-monitors.yaml. */
export const system = "namespace, system";
export const ofSystem = "PaymentSystem {{ $labels.namespace }}/{{ $labels.system }}";
