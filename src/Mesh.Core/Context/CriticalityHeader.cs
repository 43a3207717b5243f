using System.Diagnostics.CodeAnalysis;

namespace Mesh;

/// <summary>The value of <see cref="MeshHeaders.Criticality"/>.</summary>
public static class CriticalityHeader
{
    /// <summary>The word for a level: <c>sheddable</c>, <c>sheddable-plus</c>, <c>critical</c>, <c>critical-plus</c>.</summary>
    public static string Format(Criticality criticality) => criticality switch
    {
        Criticality.Sheddable => "sheddable",
        Criticality.SheddablePlus => "sheddable-plus",
        Criticality.CriticalPlus => "critical-plus",
        _ => "critical",
    };

    /// <summary>The level a word stands for.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Criticality criticality)
    {
        (criticality, var known) = text switch
        {
            "sheddable" => (Criticality.Sheddable, true),
            "sheddable-plus" => (Criticality.SheddablePlus, true),
            "critical" => (Criticality.Critical, true),
            "critical-plus" => (Criticality.CriticalPlus, true),
            _ => (default, false),
        };
        return known;
    }
}
