namespace Mesh.Client.Balancing.Hashing;

/// <summary>The compiled form of <see cref="HashKeyOptions"/>.</summary>
internal readonly record struct HashKey(HashKeySource Source, string Name, bool Terminal)
{
    /// <summary>The hash of this part of a request, or <see langword="null"/> when it has none.</summary>
    public ulong? Of(HttpRequestMessage request) => Source switch
    {
        HashKeySource.Header => request.Headers.NonValidated.TryGetValues(Name, out var values) ? StableHash.Of(values.ToString()) : null,
        HashKeySource.Cookie => request.Headers.NonValidated.TryGetValues("Cookie", out var cookies) ? Find(cookies.ToString(), ';') : null,
        HashKeySource.Query => Find(QueryOf(request.RequestUri!), '&'),
        HashKeySource.Path => StableHash.Of(PathOf(request.RequestUri!)),
        _ => request.Options.TryGetValue(MeshRequestOptions.HashKey, out var key) && key is not null ? StableHash.Of(key) : null,
    };

    // As written, percent-encoding and all: equal texts stick together, which is all that is asked.
    private ulong? Find(ReadOnlySpan<char> pairs, char separator)
    {
        foreach (var range in pairs.Split(separator))
        {
            var pair = pairs[range].TrimStart(' ');
            if (pair.StartsWith(Name, StringComparison.Ordinal) && (pair.Length == Name.Length || pair[Name.Length] == '='))
            {
                return StableHash.Of(pair.Length == Name.Length ? default : pair[(Name.Length + 1)..].TrimEnd(' '));
            }
        }

        return null;
    }

    private static ReadOnlySpan<char> PathOf(Uri uri)
    {
        var text = uri.PathAndQuery;
        var question = text.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? text : text.AsSpan(0, question);
    }

    private static ReadOnlySpan<char> QueryOf(Uri uri)
    {
        var text = uri.PathAndQuery;
        var question = text.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? default : text.AsSpan(question + 1);
    }
}
