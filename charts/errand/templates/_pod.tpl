{{/* What the pods of all processes share. */}}

{{- define "errand.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "errand.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "errand.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "errand.probes" -}}
livenessProbe:
  httpGet:
    path: /healthz
    port: health
  periodSeconds: 10
  failureThreshold: 3
readinessProbe:
  httpGet:
    path: /readyz
    port: health
  periodSeconds: 5
{{- end }}

{{/* "true" where errand-cainjector sees to the webhook's certificate: neither cert-manager nor you do. */}}
{{- define "errand.managesCertificates" -}}
{{- not (or .Values.webhook.certManager.enabled .Values.webhook.caBundle) -}}
{{- end }}

{{/* The API token by hand: one hour, where the default would be a year. */}}
{{- define "errand.apiAccessVolume" -}}
- name: api-access
  projected:
    sources:
    - serviceAccountToken:
        path: token
        expirationSeconds: 3600
    - configMap:
        name: kube-root-ca.crt
        items:
        - key: ca.crt
          path: ca.crt
    - downwardAPI:
        items:
        - path: namespace
          fieldRef:
            fieldPath: metadata.namespace
{{- end }}

{{/* What the webhook and the scanner are told of the cluster, so that both check alike. */}}
{{- define "errand.ruleFlags" -}}
{{- range .Values.rules.meshAudiences }}
- --mesh-audience={{ . }}
{{- end }}
{{- range .Values.rules.csiDrivers }}
- --csi-driver={{ . }}
{{- end }}
{{- if .Values.rules.allowResourceClaims }}
- --allow-resource-claims
{{- end }}
{{- end }}

{{/* Labels and annotations of an object of the pre-delete hook, whose weight is the argument. */}}
{{- define "errand.uninstallHook" -}}
labels:
  app.kubernetes.io/part-of: errand
annotations:
  helm.sh/hook: pre-delete
  helm.sh/hook-weight: {{ . | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
  argocd.argoproj.io/hook: PreDelete
  argocd.argoproj.io/sync-wave: {{ . | quote }}
  argocd.argoproj.io/hook-delete-policy: BeforeHookCreation,HookSucceeded
{{- end }}
