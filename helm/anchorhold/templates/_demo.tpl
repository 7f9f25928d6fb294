{{/* What demo.enabled makes of the values, once for all templates; each that reads one of them includes this first. Call it with $. */}}
{{- define "anchorhold.demo" -}}
{{- if and .Values.demo.enabled (not .Values.demo.isOn) -}}
{{- $companion := .Values.companion -}}
{{- range list
  (list "companion.database.url" $companion.database.url "jdbc:postgresql://postgres/anchorhold")
  (list "companion.database.applicationSecret" $companion.database.applicationSecret "anchorhold-database")
  (list "companion.database.ownerSecret" $companion.database.ownerSecret "anchorhold-database-owner")
  (list "companion.door.url" $companion.door.url "")
  (list "companion.door.sealingKeys.secret" $companion.door.sealingKeys.secret "anchorhold-sealing-keys")
  (list "companion.door.sealingKeys.keys" (join "," $companion.door.sealingKeys.keys) "current")
  (list "companion.ledger.origin" $companion.ledger.origin "")
  (list "companion.ledger.logKey.secret" $companion.ledger.logKey.secret "anchorhold-log-key")
  (list "companion.ledger.logKey.key" $companion.ledger.logKey.key "log-key.pem")
  (list "companion.ledger.previousKeys" (join "," $companion.ledger.previousKeys) "")
  (list "companion.ledger.prices.configMap" $companion.ledger.prices.configMap "")
  (list "providers.tokenNamespace" .Values.providers.tokenNamespace "")
  (list "providers.endpoints" (join "," .Values.providers.endpoints) "") -}}
{{- if ne (index . 1) (index . 2) -}}
{{- fail (printf "%s is set, and demo.enabled=true brings its own: a demo runs on nothing real. Leave out that value, or the demo" (index . 0)) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.allowedNamespaces (not (has .Release.Namespace .Values.allowedNamespaces)) -}}
{{- fail (printf "allowedNamespaces lacks %s, where demo.enabled=true makes a PlainVm and an Agent: add it, or leave out that value" .Release.Namespace) -}}
{{- end -}}
{{- $demo := printf "%s-demo" (include "anchorhold.fullname" .) -}}
{{- $_ := mergeOverwrite .Values (dict
  "demo" (dict "isOn" true)
  "providers" (dict "endpoints" (list (printf "http://%s.%s.svc:*" $demo .Release.Namespace)))
  "companion" (dict
    "enabled" true
    "replicas" 1
    "database" (dict "url" (printf "jdbc:postgresql://%s.%s.svc/anchorhold" $demo .Release.Namespace))
    "door" (dict "url" (printf "http://%s-companion.%s.svc:8082" (include "anchorhold.fullname" .) .Release.Namespace))
    "ledger" (dict "origin" (printf "%s.%s.demo/log" $demo .Release.Namespace) "prices" (dict "configMap" (printf "%s-prices" $demo))))) -}}
{{- end -}}
{{- end }}

{{/* The simulated clouds, as ProviderConfigs name them. */}}
{{- define "anchorhold.demoHetzner" -}}
http://{{ include "anchorhold.fullname" . }}-demo.{{ .Release.Namespace }}.svc:8080/v1
{{- end }}

{{- define "anchorhold.demoCloudflare" -}}
http://{{ include "anchorhold.fullname" . }}-demo.{{ .Release.Namespace }}.svc:8081/client/v4
{{- end }}

{{/* The demo is no neighbour for real credentials. Only a real installation can see them; the demo's own setup looks again, also where
nothing but `helm template` ran (RealCredentials in the sources). */}}
{{- define "anchorhold.refuseRealCredentials" -}}
{{- $found := list -}}
{{- if .Capabilities.APIVersions.Has "anchorhold.dev/v1alpha1/ProviderConfig" -}}
{{- range (lookup "anchorhold.dev/v1alpha1" "ProviderConfig" "" "").items -}}
{{- if or (ne (dig "hetzner" "endpoint" "" .spec) (include "anchorhold.demoHetzner" $)) (and .spec.cloudflare (ne (dig "cloudflare" "endpoint" "" .spec) (include "anchorhold.demoCloudflare" $))) -}}
{{- $found = append $found (printf "the ProviderConfig %s" .metadata.name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range (lookup "v1" "Secret" (include "anchorhold.tokenNamespace" .) "").items -}}
{{- if and (eq (dig "labels" "anchorhold.dev/provider-token" "" .metadata) "true") (ne (dig "labels" "anchorhold.dev/demo" "" .metadata) "true") -}}
{{- $found = append $found (printf "the provider's token %s in namespace %s" .metadata.name .metadata.namespace) -}}
{{- end -}}
{{- end -}}
{{- with .Values.companion -}}
{{- range list .database.applicationSecret .database.ownerSecret .door.sealingKeys.secret .ledger.logKey.secret -}}
{{- with lookup "v1" "Secret" $.Release.Namespace . -}}
{{- if ne (dig "labels" "anchorhold.dev/demo" "" .metadata) "true" -}}
{{- $found = append $found (printf "the Secret %s in namespace %s" .metadata.name .metadata.namespace) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $found -}}
{{- fail (printf "demo.enabled=true does not run beside real credentials, and here are %s. Try the demo in another cluster, or remove what is named here if nothing real is behind it" (join ", " $found)) -}}
{{- end -}}
{{- end }}

{{/* An upgrade runs no hook of the uninstallation: the operator would be left with objects in clouds that are gone. */}}
{{- define "anchorhold.refuseEndOfDemo" -}}
{{- if and (not .Values.demo.enabled) (lookup "apps/v1" "Deployment" .Release.Namespace (printf "%s-demo" (include "anchorhold.fullname" .))) -}}
{{- fail (printf "this release is a demo, and stays one: helm uninstall %s --namespace %s, then install it without demo.enabled" .Release.Name .Release.Namespace) -}}
{{- end -}}
{{- end }}

{{/* Of each of its containers. */}}
{{- define "anchorhold.demoContainer" -}}
image: {{ include "anchorhold.imageName" (list . .Values.demo.image) | quote }}
imagePullPolicy: {{ .Values.demo.image.pullPolicy }}
securityContext: {{ include "anchorhold.containerSecurityContext" . }}
resources:
  requests: {cpu: 50m, memory: 128Mi, ephemeral-storage: 64Mi}
  limits: {memory: 320Mi, ephemeral-storage: 1Gi}
{{- end }}

{{/* What is where, for setup and removal. */}}
{{- define "anchorhold.demoSettings" -}}
- {name: ANCHORHOLD_DEMO_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
- {name: ANCHORHOLD_DEMO_TOKEN_NAMESPACE, value: {{ include "anchorhold.tokenNamespace" . | quote }}}
- {name: ANCHORHOLD_DEMO_HETZNER_ENDPOINT, value: {{ include "anchorhold.demoHetzner" . | quote }}}
- {name: ANCHORHOLD_DEMO_CLOUDFLARE_ENDPOINT, value: {{ include "anchorhold.demoCloudflare" . | quote }}}
{{- with .Values.companion }}
- {name: ANCHORHOLD_DEMO_APPLICATION_SECRET, value: {{ .database.applicationSecret }}}
- {name: ANCHORHOLD_DEMO_OWNER_SECRET, value: {{ .database.ownerSecret }}}
- {name: ANCHORHOLD_DEMO_SEALING_KEYS_SECRET, value: {{ .door.sealingKeys.secret }}}
- {name: ANCHORHOLD_DEMO_LOG_KEY_SECRET, value: {{ .ledger.logKey.secret }}}
{{- end }}
{{- end }}
