using System.Text.Json;

namespace Mesh.Authorization;

/// <summary>
/// The claims of a token that has been validated, as a tree of texts: taken apart once for each token, so that a decision
/// looks them up without allocating. Immutable.
/// </summary>
/// <remarks>
/// A list has the texts of its elements, <c>scope</c>, <c>scp</c> and <c>permission</c> are split at spaces. Numbers and
/// booleans are written as in JSON; Istio, for which they match nothing, could not ask for <c>"admin": true</c>.
/// </remarks>
public sealed class TokenClaims
{
    private static readonly string[] NoTexts = [];

    private readonly Node _root;

    private TokenClaims(Node root) => _root = root;

    /// <summary>Takes the payload of a token apart.</summary>
    /// <param name="payload">A JSON object, whose size the caller has bounded.</param>
    /// <exception cref="JsonException">It is not a JSON object, or is nested deeper than 64 levels.</exception>
    public static TokenClaims Parse(ReadOnlyMemory<byte> payload)
    {
        using var document = JsonDocument.Parse(payload);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? new TokenClaims(NodeOf(document.RootElement, splits: false))
            : throw new JsonException("The claims of a token are a JSON object.");
    }

    /// <summary>The texts of a claim, of a nested one by the names on the way to it; empty when there is none.</summary>
    public ReadOnlySpan<string> Find(params ReadOnlySpan<string> names)
    {
        var node = _root;
        foreach (var name in names)
        {
            if (node.Members is null || !node.Members.TryGetValue(name, out node))
            {
                return [];
            }
        }

        return node.Texts;
    }

    private static Node NodeOf(JsonElement element, bool splits)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return new Node(TextsOf(element, splits), null);
        }

        var members = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            members[member.Name] = NodeOf(member.Value, splits: member.Name is "scope" or "scp" or "permission");
        }

        return new Node(NoTexts, members);
    }

    private static string[] TextsOf(JsonElement element, bool splits) => element.ValueKind switch
    {
        JsonValueKind.String when splits => element.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => [element.GetRawText()],
        JsonValueKind.Array => [.. element.EnumerateArray().Where(static item => item.ValueKind != JsonValueKind.Array).SelectMany(static item => TextsOf(item, splits: false))],
        _ => NoTexts,
    };

    private readonly record struct Node(string[] Texts, Dictionary<string, Node>? Members);
}
