{{/* What the parts may do, written from the catalogue: cargo run -p seaworthy-deploy --example write_deploy. */}}
{{- define "seaworthy.privileges" -}}
{{ .Files.Get "files/privileges.yaml" }}
{{- end }}

{{- define "seaworthy.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "seaworthy.labels" -}}
app.kubernetes.io/component: {{ . }}
app.kubernetes.io/name: seaworthy
{{- end }}

{{/* /var/lib/kubelet: var-lib-kubelet */}}
{{- define "seaworthy.volume" -}}
{{ . | trimAll "/" | lower | replace "/" "-" | replace "." "-" }}
{{- end }}

{{/* What a part mounts of the host. Of: root, name, part (privileges). */}}
{{- define "seaworthy.mounts" -}}
{{- $mounts := .part.mounts }}
{{- if and .root.Values.privileges.runtimeUnits (eq .name "node") }}
{{- $mounts = append $mounts (dict "path" "/run/systemd/system" "type" "Directory") }}
{{- end }}
{{- toYaml $mounts }}
{{- end }}

{{/* Words behind run that every part has. */}}
{{- define "seaworthy.words" -}}
{{- $words := list }}
{{- if eq .Values.log.format "ndjson" }}{{ $words = concat $words (list "--format" "ndjson") }}{{ end }}
{{- with .Values.kubernetesVersion }}{{ $words = concat $words (list "--kubernetes-version" .) }}{{ end }}
{{- toYaml $words }}
{{- end }}

{{/* The spec of a pod that looks at its node. Of: root, name, part (privileges), values, args, restart. */}}
{{- define "seaworthy.node-pod" -}}
{{- $capabilities := .part.capabilities }}
{{- if not .root.Values.privileges.ptrace }}{{ $capabilities = without $capabilities "SYS_PTRACE" }}{{ end }}
{{- $mounts := include "seaworthy.mounts" . | fromYamlArray }}
{{- $follow := and .root.Values.node.followMounts (eq .restart "Always") }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- if .part.hostPID }}
hostPID: true
{{- end }}
nodeSelector:
  {{- merge (dict "kubernetes.io/os" "linux") .values.nodeSelector | toYaml | nindent 2 }}
restartPolicy: {{ .restart }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsGroup: 0
  runAsUser: 0
  seccompProfile:
    type: RuntimeDefault
terminationGracePeriodSeconds: 10
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: seaworthy
    image: {{ include "seaworthy.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    command: [seaworthy]
    args:
      {{- toYaml .args | nindent 6 }}
    env:
      - name: NODE_NAME
        valueFrom:
          fieldRef:
            fieldPath: spec.nodeName
    resources:
      {{- toYaml .values.resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
        {{- with $capabilities }}
        add:
          {{- toYaml . | nindent 10 }}
        {{- end }}
    volumeMounts:
      {{- range $mounts }}
      - name: {{ include "seaworthy.volume" .path }}
        mountPath: {{ .path }}
        readOnly: true
        {{- if and $follow (eq .type "Directory") }}
        mountPropagation: HostToContainer
        {{- end }}
      {{- end }}
volumes:
  {{- range $mounts }}
  - name: {{ include "seaworthy.volume" .path }}
    hostPath:
      path: {{ .path }}
      type: {{ .type }}
  {{- end }}
{{- end }}

{{/* The spec of a pod that asks the API. Of: root, account, args, resources. */}}
{{- define "seaworthy.api-pod" -}}
automountServiceAccountToken: true
enableServiceLinks: false
serviceAccountName: {{ .account }}
nodeSelector:
  kubernetes.io/os: linux
restartPolicy: Never
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsGroup: 65532
  runAsNonRoot: true
  runAsUser: 65532
  seccompProfile:
    type: RuntimeDefault
terminationGracePeriodSeconds: 10
containers:
  - name: seaworthy
    image: {{ include "seaworthy.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    command: [seaworthy]
    args:
      {{- toYaml .args | nindent 6 }}
    env:
      - name: NODE_NAME
        valueFrom:
          fieldRef:
            fieldPath: spec.nodeName
    resources:
      {{- toYaml .resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
{{- end }}

{{/* Roles, and who has them. Of: name, namespace, rules (cluster-wide), namespaces (rules by namespace). */}}
{{- define "seaworthy.roles" -}}
{{- $of := . }}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: seaworthy-{{ .name }}
  labels:
    {{- include "seaworthy.labels" .name | nindent 4 }}
rules:
  {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: seaworthy-{{ .name }}
  labels:
    {{- include "seaworthy.labels" .name | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: seaworthy-{{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .name }}
    namespace: {{ .namespace }}
{{- range $space, $rules := .namespaces }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: seaworthy-{{ $of.name }}
  namespace: {{ $space }}
  labels:
    {{- include "seaworthy.labels" $of.name | nindent 4 }}
rules:
  {{- toYaml $rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: seaworthy-{{ $of.name }}
  namespace: {{ $space }}
  labels:
    {{- include "seaworthy.labels" $of.name | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: seaworthy-{{ $of.name }}
subjects:
  - kind: ServiceAccount
    name: {{ $of.name }}
    namespace: {{ $of.namespace }}
{{- end }}
{{- end }}
