{{/* Name of the objects. */}}
{{- define "satang.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name is always this: the NetworkPolicies of a PaymentSystem let the operator in by it. */}}
{{- define "satang.selectorLabels" -}}
app.kubernetes.io/name: satang-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Not managed-by: by that label the operator finds what it has made itself. */}}
{{- define "satang.labels" -}}
{{ include "satang.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of an object in the release's namespace: (dict "root" $ "name" … "namespace" … "annotations" …); the last three may be left out. */}}
{{- define "satang.metadata" -}}
{{- $root := .root -}}
name: {{ .name | default (include "satang.fullname" $root) }}
{{- if ne .namespace "" }}
namespace: {{ .namespace | default $root.Release.Namespace }}
{{- end }}
labels:
  {{- merge (dict) (.labels | default dict) (include "satang.labels" $root | fromYaml) | toYaml | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) $root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "satang.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "satang.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "satang.registry" -}}
{{- required "image.registry is missing: say where the images of this version are, such as --set image.registry=registry.example.com/team" .Values.image.registry | trimSuffix "/" -}}
{{- end -}}

{{- define "satang.tag" -}}
{{- .Values.image.tag | default .Chart.AppVersion -}}
{{- end -}}

{{- define "satang.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s/%s@%s" (include "satang.registry" .) .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s/%s:%s" (include "satang.registry" .) .Values.image.repository (include "satang.tag" .) -}}
{{- end -}}
{{- end -}}

{{/* Image for systems that name none: (dict "root" $ "name" "workloads"). */}}
{{- define "satang.operandImage" -}}
{{- get .root.Values.operandImages .name | default (printf "%s/satang-%s:%s" (include "satang.registry" .root) .name (include "satang.tag" .root)) -}}
{{- end -}}

{{- define "satang.testNamespace" -}}
{{- .Values.test.namespace | default (first .Values.watchNamespaces) | default "default" -}}
{{- end -}}
