using System.Text.RegularExpressions;
using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>What a match asks of one value: its text, its pattern, or only whether it is there.</summary>
internal readonly struct ValueMatch
{
    private ValueMatch(ValueMatchType type, string text, Regex? pattern)
    {
        Type = type;
        Text = text;
        Pattern = pattern;
    }

    public ValueMatchType Type { get; }

    /// <summary>What an exact value must be.</summary>
    public string Text { get; }

    /// <summary>What a value must match; <see langword="null"/> for the other types.</summary>
    public Regex? Pattern { get; }

    public static ValueMatch Compile(ValueMatchType type, string value, string path, ConfigurationErrors errors)
    {
        if (type is ValueMatchType.Present or ValueMatchType.Absent && value.Length > 0)
        {
            errors.Add($"{path}:Value", $"there is no place for it in a match of type {type}.");
        }

        return new ValueMatch(type, value, type == ValueMatchType.RegularExpression ? WholeMatch.Compile(value, $"{path}:Value", errors) : null);
    }
}
