{{/* The release's name with the product's in it: what all objects of this release are named after. */}}
{{- define "anchorhold.fullname" -}}
{{- $name := ternary .Release.Name (printf "%s-anchorhold" .Release.Name) (contains "anchorhold" .Release.Name) -}}
{{- $name | trunc 43 | trimSuffix "-" -}}
{{- end }}

{{/* The name of an object that has no namespace: another release, or the same one in another namespace, has other names.
Call it with (list $ "operator"). */}}
{{- define "anchorhold.clusterName" -}}
{{- $top := index . 0 -}}
{{ include "anchorhold.fullname" $top }}-{{ index . 1 }}.{{ $top.Release.Namespace }}
{{- end }}

{{/* Which pods are a role's, for ever: a Deployment's selector cannot be changed, so nothing is in here that an upgrade changes. */}}
{{- define "anchorhold.selectorLabels" -}}
app.kubernetes.io/name: anchorhold
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Labels of every object. Call it with (list $ "operator"): the role that it is for. */}}
{{- define "anchorhold.labels" -}}
{{- $top := index . 0 -}}
{{ include "anchorhold.selectorLabels" . }}
app.kubernetes.io/part-of: anchorhold
app.kubernetes.io/version: {{ $top.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $top.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $top.Chart.Name $top.Chart.Version | replace "+" "_" }}
{{- if $top.Values.demo.enabled }}
anchorhold.dev/demo: "true"
{{- end }}
{{- end }}

{{- define "anchorhold.image" -}}
{{ include "anchorhold.imageName" (list . .Values.image) }}
{{- end }}

{{/* Call it with (list $ $.Values.image). */}}
{{- define "anchorhold.imageName" -}}
{{- $top := index . 0 -}}
{{- with index . 1 -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $top.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}

{{- define "anchorhold.tokenNamespace" -}}
{{ .Values.providers.tokenNamespace | default (printf "%s-tokens" .Release.Namespace) }}
{{- end }}

{{/* Refuses values that are fine each by itself and would open or break something together. */}}
{{- define "anchorhold.check" -}}
{{- include "anchorhold.refuseEndOfDemo" . -}}
{{- $tokens := include "anchorhold.tokenNamespace" . -}}
{{- if eq $tokens .Release.Namespace }}
{{- fail "providers.tokenNamespace is the namespace of the release, where the operator has other rights: name one that holds nothing but tokens, or leave it empty" }}
{{- end }}
{{- range .Values.allowedNamespaces }}
{{- if or (eq . $.Release.Namespace) (eq . $tokens) }}
{{- fail (printf "allowedNamespaces has %s, which holds Secrets of the installation itself: whoever makes an Agent there could read them as its environment. Leave it out, and name the namespaces of those who use it" .) }}
{{- end }}
{{- end }}
{{- if and (not .Values.companion.enabled) (or .Values.companion.ingress.enabled .Values.companion.httpRoute.enabled) }}
{{- fail "companion.ingress and companion.httpRoute lead to the companion: set companion.enabled=true, or disable them" }}
{{- end }}
{{- $companion := printf "%s-companion" (include "anchorhold.fullname" .) -}}
{{- if and (not .Values.companion.enabled) .Release.IsUpgrade (lookup "apps/v1" "Deployment" .Release.Namespace $companion) }}
{{- fail (printf "companion.enabled=false: this release has books, and what is deleted without a companion never ends in them: it is billed on. To stop it for a while set companion.replicas=0, and deletions wait. To give the books up, first run: kubectl --namespace %s delete deployment %s" .Release.Namespace $companion) }}
{{- end }}
{{- if .Release.IsUpgrade }}
{{- include "anchorhold.checkInstallation" . }}
{{- end }}
{{- end }}

{{/* Refuses another id of the installation while there are objects: their servers would be a stranger's to the operator. */}}
{{- define "anchorhold.checkInstallation" -}}
{{- $operator := lookup "apps/v1" "Deployment" .Release.Namespace (printf "%s-operator" (include "anchorhold.fullname" .)) -}}
{{- $containers := ((($operator.spec).template).spec).containers | default list -}}
{{- range $container := $containers }}
{{- range $container.env }}
{{- if and (eq .name "ANCHORHOLD_INSTALLATION") (ne (.value | default "") $.Values.installation) }}
{{- $default := (lookup "v1" "Namespace" "" "kube-system").metadata.uid -}}
{{- $was := .value | default $default -}}
{{- if and (ne $was ($.Values.installation | default $default)) (or (lookup "anchorhold.dev/v1alpha1" "PlainVm" "" "").items (lookup "anchorhold.dev/v1alpha1" "Agent" "" "").items) }}
{{- fail (printf "installation=%s: there are Agents or PlainVms whose servers belong to installation %s, and the operator would take these servers for somebody else's. Set installation=%s again, or delete the objects first" $.Values.installation $was $was) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The user as which the operator calls the Kubernetes API and the companion. */}}
{{- define "anchorhold.operatorUser" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "anchorhold.fullname" . }}-operator
{{- end }}

{{/* Of a pod's spec, all that does not depend on what runs in it. Call it with (list $ "operator" $.Values.operator). */}}
{{- define "anchorhold.podSpec" -}}
{{- $top := index . 0 -}}
{{- $role := index . 2 -}}
serviceAccountName: {{ include "anchorhold.fullname" $top }}-{{ index . 1 }}
automountServiceAccountToken: false # mounted below, in the one container that calls the API
enableServiceLinks: false
securityContext: {{- toYaml $top.Values.podSecurityContext | nindent 2 }}
terminationGracePeriodSeconds: {{ $role.terminationGracePeriodSeconds }}
{{- with $top.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $role.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  - {{- toYaml . | nindent 4 }}
    labelSelector:
      matchLabels: {{- include "anchorhold.selectorLabels" (list $top (index $ 1)) | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Of each container: what a namespace that enforces the restricted Pod Security Standard asks for, and a root that nobody writes to. */}}
{{- define "anchorhold.containerSecurityContext" -}}
{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
{{- end }}

{{- define "anchorhold.logFormat" -}}
{name: QUARKUS_LOG_CONSOLE_JSON_ENABLED, value: {{ eq .Values.logFormat "json" | quote }}}
{{- end }}

{{/* What every long-running process is told, of whatever role: of (dict "top" $ "role" the role's values). */}}
{{- define "anchorhold.processEnv" -}}
# Without it a JVM that is short of memory goes on with some of its threads dead.
- {name: JAVA_TOOL_OPTIONS, value: {{ printf "-XX:+ExitOnOutOfMemoryError %s" .role.jvmFlags | quote }}}
- {name: ANCHORHOLD_HTTP_HOST, value: "0.0.0.0"}
- {name: QUARKUS_LOG_LEVEL, value: {{ .role.logLevel | quote }}}
{{- with .top.Values.tracing.endpoint }}
- {name: ANCHORHOLD_TRACING_ENDPOINT, value: {{ . | quote }}}
- {name: ANCHORHOLD_TRACING_RATIO, value: {{ $.top.Values.tracing.ratio | quote }}}
{{- end }}
- {{ include "anchorhold.logFormat" .top }}
{{- end }}

{{/* Management is the one port that only the kubelet and Prometheus call. */}}
{{- define "anchorhold.probes" -}}
startupProbe: {httpGet: {path: /q/health/started, port: management}, periodSeconds: 1, failureThreshold: 180} # on a busy node a start took a minute
livenessProbe: {httpGet: {path: /q/health/live, port: management}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
readinessProbe: {httpGet: {path: /q/health/ready, port: management}, periodSeconds: 5, timeoutSeconds: 5}
{{- end }}

{{/* What Kubernetes mounts by itself, into one container rather than all, and with a token that ends within the hour: of its own it
makes tokens of a year out of those that it mounts. */}}
{{- define "anchorhold.apiAccessVolume" -}}
name: kubernetes-api
projected:
  sources:
    - serviceAccountToken: {path: token, expirationSeconds: 3600}
    - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
    - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
{{- end }}

{{- define "anchorhold.apiAccessMount" -}}
{name: kubernetes-api, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
{{- end }}

{{/* Two operators would each build a server for every object. Only a real installation can see the other one. */}}
{{- define "anchorhold.refuseSecondOperator" -}}
{{- $ours := include "anchorhold.clusterName" (list $ "operator") -}}
{{- range (lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" "").items -}}
{{- if and (eq (dig "labels" "app.kubernetes.io/name" "" .metadata) "anchorhold") (eq (dig "labels" "app.kubernetes.io/component" "" .metadata) "operator") (regexMatch "-operator[.][^.]+$" .metadata.name) (ne .metadata.name $ours) -}}
{{- fail (printf "this cluster has an Anchorhold already (its ClusterRole is %s), and two would each build a server for every object. Upgrade that one, or uninstall it first: helm uninstall %s --namespace %s" .metadata.name (dig "labels" "app.kubernetes.io/instance" "" .metadata) (last (splitList "." .metadata.name))) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Where Prometheus may come from. Call it with $. */}}
{{- define "anchorhold.networkPolicyMetrics" -}}
- ports: [{port: management}]
  {{- with .Values.networkPolicy.metricsFrom }}
  from: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* What pods may call, where the installation says it: names are always looked up, and the operator always calls the companion.
Call it with $. */}}
{{- define "anchorhold.networkPolicyEgress" -}}
{{- with .Values.networkPolicy.egress }}
egress:
  - ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
  - ports: [{port: internal}]
    to:
      - podSelector:
          matchLabels: {{- include "anchorhold.selectorLabels" (list $ "companion") | nindent 12 }}
  {{- if $.Values.demo.enabled }}
  - ports: [{port: door}] # for the played guests
    to:
      - podSelector:
          matchLabels: {{- include "anchorhold.selectorLabels" (list $ "companion") | nindent 12 }}
  - ports: [{port: hetzner}, {port: cloudflare}, {port: postgres}]
    to:
      - podSelector:
          matchLabels: {{- include "anchorhold.selectorLabels" (list $ "demo") | nindent 12 }}
  {{- end }}
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* For a Prometheus that finds pods by itself; where there is a PodMonitor each would be scraped twice. Call it with $. */}}
{{- define "anchorhold.scrapeAnnotations" -}}
prometheus.io/scrape: {{ not .Values.metrics.podMonitor.enabled | quote }}
prometheus.io/port: "9000"
prometheus.io/path: /q/metrics
{{- end }}
