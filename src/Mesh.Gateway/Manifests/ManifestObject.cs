using Mesh.Configuration;

namespace Mesh.Gateway.Manifests;

/// <summary>An object of the Gateway API.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Namespace">Its namespace; that of this process where it says nothing.</param>
/// <param name="Name">Its name.</param>
/// <param name="Document">Where it was read.</param>
internal sealed record ManifestObject(ManifestKind Kind, string Namespace, string Name, ManifestDocument Document)
{
    private const string Group = "gateway.networking.k8s.io";
    private const int MaxNameLength = 253;

    /// <summary>How it is called among those of its kind.</summary>
    public string FullName => $"{Namespace}/{Name}";

    /// <returns><see langword="null"/> when it is none, and an error says why.</returns>
    public static ManifestObject? Create(ManifestDocument document, string defaultNamespace, ConfigurationErrors errors)
    {
        if (!Enum.TryParse(document.Kind, out ManifestKind kind) || kind.ToString() != document.Kind)
        {
            errors.Add($"{document.Label}:kind", document.Kind, $"one of {string.Join(", ", Enum.GetNames<ManifestKind>())}");
            return null;
        }

        if (document.ApiVersion is not ($"{Group}/v1" or $"{Group}/v1beta1"))
        {
            errors.Add($"{document.Label}:apiVersion", document.ApiVersion, $"{Group}/v1 or {Group}/v1beta1");
        }

        foreach (var member in document.Members.Where(static member => member is not ("apiVersion" or "kind" or "metadata" or ManifestDocument.Spec or "status")))
        {
            errors.Add($"{document.Label}:{member}", "there is no such field; allowed here are apiVersion, kind, metadata, spec, status.");
        }

        var hasName = IsName(document.Name);
        if (!hasName)
        {
            errors.Add($"{document.Label}:metadata:name", document.Name, "letters in lower case, digits, '-' and '.'");
        }

        if (document.Namespace is { } ns && !IsName(ns))
        {
            errors.Add($"{document.Label}:metadata:namespace", ns, "letters in lower case, digits and '-'");
            hasName = false;
        }

        return hasName ? new ManifestObject(kind, document.Namespace ?? defaultNamespace, document.Name!, document) : null;
    }

    private static bool IsName(string? name) =>
        name?.Length is > 0 and <= MaxNameLength && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');
}
