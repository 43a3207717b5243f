using Mesh.Configuration;

namespace Mesh.Client.Retry;

/// <summary>The compiled form of <see cref="RetryOptions.Idempotent"/>: requests that may be repeated although their method does not say so.</summary>
internal sealed class IdempotentRequests
{
    private readonly List<(string? Method, string Path, bool IsPrefix)> _patterns = [];

    /// <summary>Gives <see langword="null"/> for no list: nothing but method and header say that a request is idempotent.</summary>
    public static IdempotentRequests? Parse(List<string>? texts)
    {
        if (texts is not { Count: > 0 })
        {
            return null;
        }

        var requests = new IdempotentRequests();
        texts.ForEach(text => requests.TryAdd(text));
        return requests;
    }

    public static void Validate(List<string>? texts, string path, ConfigurationErrors errors)
    {
        for (var i = 0; i < texts?.Count; i++)
        {
            if (!new IdempotentRequests().TryAdd(texts[i]))
            {
                errors.Add($"{path}:{i}", texts[i], "a path such as '/search', '/shop.Orders/*', or one with its method: 'POST /search'");
            }
        }
    }

    public bool Contains(HttpRequestMessage request)
    {
        var target = request.RequestUri!.PathAndQuery.AsSpan();
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        foreach (var pattern in _patterns)
        {
            if ((pattern.Method is null || string.Equals(pattern.Method, request.Method.Method, StringComparison.OrdinalIgnoreCase))
                && (pattern.IsPrefix ? path.StartsWith(pattern.Path, StringComparison.Ordinal) : path.SequenceEqual(pattern.Path)))
            {
                return true;
            }
        }

        return false;
    }

    private bool TryAdd(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var method = space < 0 ? null : text[..space];
        var path = text[(space + 1)..];
        var star = path.IndexOf('*', StringComparison.Ordinal);
        if (method?.Length == 0 || !path.StartsWith('/') || path.Contains(' ', StringComparison.Ordinal) || (star >= 0 && star < path.Length - 1))
        {
            return false;
        }

        _patterns.Add((method, star < 0 ? path : path[..star], star >= 0));
        return true;
    }
}
