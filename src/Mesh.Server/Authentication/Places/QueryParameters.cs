using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mesh.Server.Authentication.Places;

/// <summary>Takes parameters out of a query, and leaves the others as they were written.</summary>
internal static class QueryParameters
{
    public static QueryString Without(QueryString query, string name)
    {
        if (query.Value is not { Length: > 1 } text)
        {
            return query;
        }

        var kept = new StringBuilder(text.Length);
        foreach (var parameter in text[1..].Split('&'))
        {
            var end = parameter.IndexOf('=', StringComparison.Ordinal);
            var written = (end < 0 ? parameter : parameter[..end]).Replace('+', ' ');
            // As ASP.NET compares them.
            if (!Uri.UnescapeDataString(written).Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                kept.Append(kept.Length == 0 ? '?' : '&').Append(parameter);
            }
        }

        return new QueryString(kept.ToString());
    }
}
