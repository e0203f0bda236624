import Foundation
import Testing

/// The Kubernetes manifest names no field that the API does not have: a cluster would refuse it, or drop the field.
///
/// There is no cluster here, so the fields are those of its reference (v1.29), as far as the manifest has a use for them.
@Suite("Fields of the Kubernetes manifest") struct KubernetesFieldTests {
    /// The fields of each type, with the types of their values: none for what has no fields of its own.
    private static let types: [String: [String: String]] = [
        "ConfigMap": ["metadata": "ObjectMeta", "data": ""],
        "Service": ["metadata": "ObjectMeta", "spec": "ServiceSpec"],
        "StatefulSet": ["metadata": "ObjectMeta", "spec": "StatefulSetSpec"],
        "ObjectMeta": ["name": "", "labels": "", "annotations": ""],
        "ServiceSpec": ["clusterIP": "", "selector": "", "ports": "ServicePort"],
        "ServicePort": ["name": "", "port": "", "targetPort": "", "protocol": ""],
        "StatefulSetSpec": [
            "serviceName": "", "replicas": "", "selector": "LabelSelector", "template": "PodTemplateSpec",
            "volumeClaimTemplates": "PersistentVolumeClaim",
        ],
        "LabelSelector": ["matchLabels": "", "matchExpressions": ""],
        "PodTemplateSpec": ["metadata": "ObjectMeta", "spec": "PodSpec"],
        "PodSpec": [
            "automountServiceAccountToken": "", "terminationGracePeriodSeconds": "",
            "securityContext": "PodSecurityContext", "initContainers": "Container", "containers": "Container",
            "volumes": "Volume",
        ],
        "PodSecurityContext": [
            "runAsNonRoot": "", "runAsUser": "", "runAsGroup": "", "fsGroup": "", "fsGroupChangePolicy": "",
            "supplementalGroups": "", "seccompProfile": "SeccompProfile",
        ],
        "SeccompProfile": ["type": "", "localhostProfile": ""],
        "Container": [
            "name": "", "image": "", "restartPolicy": "", "args": "", "command": "", "env": "EnvVar",
            "ports": "ContainerPort", "startupProbe": "Probe", "livenessProbe": "Probe", "readinessProbe": "Probe",
            "securityContext": "SecurityContext", "volumeMounts": "VolumeMount", "resources": "ResourceRequirements",
        ],
        "EnvVar": ["name": "", "value": "", "valueFrom": ""],
        "ContainerPort": ["name": "", "containerPort": "", "protocol": ""],
        "Probe": [
            "httpGet": "HTTPGetAction", "initialDelaySeconds": "", "periodSeconds": "", "timeoutSeconds": "",
            "failureThreshold": "", "successThreshold": "",
        ],
        "HTTPGetAction": ["path": "", "port": "", "host": "", "scheme": "", "httpHeaders": "HTTPHeader"],
        "HTTPHeader": ["name": "", "value": ""],
        "SecurityContext": [
            "runAsUser": "", "runAsGroup": "", "runAsNonRoot": "", "allowPrivilegeEscalation": "", "privileged": "",
            "readOnlyRootFilesystem": "", "capabilities": "Capabilities", "seccompProfile": "SeccompProfile",
        ],
        "Capabilities": ["add": "", "drop": ""],
        "VolumeMount": ["name": "", "mountPath": "", "subPath": "", "readOnly": ""],
        "Volume": [
            "name": "", "configMap": "ConfigMapVolumeSource", "secret": "SecretVolumeSource",
            "emptyDir": "EmptyDirVolumeSource",
        ],
        "ConfigMapVolumeSource": ["name": "", "items": "", "defaultMode": "", "optional": ""],
        "SecretVolumeSource": ["secretName": "", "items": "", "defaultMode": "", "optional": ""],
        "EmptyDirVolumeSource": ["medium": "", "sizeLimit": ""],
        "PersistentVolumeClaim": ["metadata": "ObjectMeta", "spec": "PersistentVolumeClaimSpec"],
        "PersistentVolumeClaimSpec": [
            "accessModes": "", "resources": "ResourceRequirements", "storageClassName": "", "volumeMode": "",
        ],
        "ResourceRequirements": ["requests": "", "limits": ""],
    ]
    private static let versions = ["ConfigMap": "v1", "Service": "v1", "StatefulSet": "apps/v1"]

    /// The paths of the fields that the API does not have.
    private static func unknown(_ value: Any, _ type: String, at path: String) -> [String] {
        guard let fields = types[type] else {
            return []
        }
        if let list = value as? [Any] {
            return list.enumerated().flatMap { unknown($1, type, at: "\(path)[\($0)]") }
        }
        guard let mapping = value as? [String: Any] else {
            return ["\(path) is no \(type)"]
        }
        return mapping.sorted { $0.key < $1.key }.flatMap { name, value in
            fields[name].map { unknown(value, $0, at: "\(path).\(name)") } ?? ["\(path).\(name)"]
        }
    }

    private static func manifest() throws -> [[String: Any]] {
        let script = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))"
        let path = BuiltProducts.repository.appendingPathComponent("Tools/deploy/kubernetes.yaml").path
        let result = try run(URL(fileURLWithPath: "/usr/bin/python3"), ["-c", script, path])
        try #require(result.exitCode == 0, "\(result)")
        return try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]] ?? []
    }

    private static let hasYAML =
        (try? run(URL(fileURLWithPath: "/usr/bin/python3"), ["-c", "import yaml"]).exitCode) == 0

    @Test(.enabled(if: hasYAML, "there is no python3-yaml on this machine"))
    func everyFieldIsOneOfTheAPI() throws {
        let documents = try Self.manifest()
        #expect(documents.count == 3)
        for document in documents {
            var fields = document
            let kind = try #require(fields.removeValue(forKey: "kind") as? String)
            let version = fields.removeValue(forKey: "apiVersion") as? String
            #expect(version != nil && version == Self.versions[kind], "\(kind)")
            #expect(Self.unknown(fields, kind, at: kind) == [])
        }
    }

    @Test func aFieldThatTheAPIDoesNotHaveIsFound() {
        let probe = ["httpGet": ["path": "/", "portt": 1], "perodSeconds": 1] as [String: Any]
        let container = ["name": "a", "livenessProbe": probe] as [String: Any]
        let found = Self.unknown([container], "Container", at: "containers")
        #expect(found == ["containers[0].livenessProbe.httpGet.portt", "containers[0].livenessProbe.perodSeconds"])
        #expect(Self.unknown(["a"], "Container", at: "containers") == ["containers[0] is no Container"])
    }
}
