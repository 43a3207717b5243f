using System.Text.RegularExpressions;
using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>Compiles regular expressions that must match the whole of a text, as Envoy and so the implementations of the Gateway API have it.</summary>
/// <remarks>
/// The engine without backtracking takes time in proportion to the text and has neither look-around nor back-references,
/// as RE2: no pattern and no request can make it slow. It also refuses a pattern whose automaton would be too large.
/// </remarks>
internal static class WholeMatch
{
    /// <summary>The longest pattern: what the Gateway API allows for a path.</summary>
    public const int MaxLength = 1024;

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    /// <returns>The pattern, or one that matches nothing and an error.</returns>
    public static Regex Compile(string pattern, string path, ConfigurationErrors errors)
    {
        if (pattern.Length is 0 or > MaxLength)
        {
            errors.Add(path, pattern.Length > MaxLength ? $"{pattern[..32]}…" : pattern, $"a regular expression of 1 to {MaxLength} characters");
            return Nothing();
        }

        try
        {
            // By itself first: "a)|(b" is only well-formed between the parentheses that anchor it.
            _ = new Regex(pattern, Options);
            return new Regex($@"\A(?:{pattern})\z", Options);
        }
        catch (Exception exception) when (exception is RegexParseException or NotSupportedException)
        {
            errors.Add(path, $"'{pattern}' is no regular expression without look-around and back-references: {exception.Message}");
            return Nothing();
        }
    }

    private static Regex Nothing() => new(@"\z\A.", Options);
}
