namespace Mesh.Authorization;

/// <summary>A compiled rule; an absent part is an empty array and always holds.</summary>
/// <param name="from">Sources, of which any must match; of each, every field.</param>
/// <param name="to">Operations, of which any must match; of each, every field.</param>
/// <param name="when">Conditions that all must hold.</param>
internal sealed class CompiledRule(AttributeMatcher[][] from, AttributeMatcher[][] to, AttributeMatcher[] when)
{
    public bool Matches(in AuthorizationRequest request) =>
        AnyHolds(to, in request) && AnyHolds(from, in request) && FirstMismatch(when, in request) is null;

    /// <summary>The first part that keeps the rule from matching, as <c>From:Principals</c>; <see langword="null"/> when it matches.</summary>
    public string? Explain(in AuthorizationRequest request) =>
        Explain("From", from, in request) ?? Explain("To", to, in request) ?? (FirstMismatch(when, in request) is { } condition ? $"When:{condition.Name}" : null);

    private static bool AnyHolds(AttributeMatcher[][] entries, in AuthorizationRequest request)
    {
        foreach (var entry in entries)
        {
            if (FirstMismatch(entry, in request) is null)
            {
                return true;
            }
        }

        return entries.Length == 0;
    }

    private static string? Explain(string part, AttributeMatcher[][] entries, in AuthorizationRequest request)
    {
        List<string> mismatches = [];
        foreach (var entry in entries)
        {
            if (FirstMismatch(entry, in request) is not { } mismatch)
            {
                return null;
            }

            mismatches.Add($"{part}:{mismatches.Count}:{mismatch.Name}");
        }

        return entries.Length == 0 ? null : string.Join(", ", mismatches);
    }

    private static AttributeMatcher? FirstMismatch(AttributeMatcher[] fields, in AuthorizationRequest request)
    {
        foreach (var field in fields)
        {
            if (!field.Holds(in request))
            {
                return field;
            }
        }

        return null;
    }
}
