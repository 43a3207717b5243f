namespace Mesh.Routing;

/// <summary>How the value of a header field or query parameter is compared.</summary>
public enum ValueMatchType
{
    /// <summary>Character by character, case-sensitively.</summary>
    Exact,

    /// <summary>By a regular expression that must match the whole value.</summary>
    RegularExpression,

    /// <summary>It is there, whatever its value. Beyond the Gateway API.</summary>
    Present,

    /// <summary>It is not there. Beyond the Gateway API.</summary>
    Absent,
}
