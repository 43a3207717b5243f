namespace Mesh.Routing;

/// <summary>How the value of a header field or query parameter is compared.</summary>
public enum ValueMatchType
{
    /// <summary>Character by character, case-sensitively.</summary>
    Exact,
}
