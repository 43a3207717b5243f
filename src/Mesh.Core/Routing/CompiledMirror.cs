using Mesh.Configuration;

namespace Mesh.Routing;

/// <summary>A mirror before its rule has a name.</summary>
internal sealed record CompiledMirror(RouteBackend Backend, int Numerator, int Denominator, bool KeepCredentials)
{
    public static CompiledMirror Compile(RequestMirrorOptions options, string path, ConfigurationErrors errors)
    {
        if (options.BackendRef is null)
        {
            errors.Add($"{path}:{nameof(options.BackendRef)}", "a mirror needs it.");
        }

        errors.CheckRange($"{path}:{nameof(options.Percent)}", options.Percent, 0, 100);
        if (options.Fraction is { } fraction)
        {
            CheckFraction(fraction, $"{path}:{nameof(options.Fraction)}", errors);
            if (options.Percent is not null)
            {
                errors.Add(path, "Percent and Fraction say the same: only one of them.");
            }
        }

        return new CompiledMirror(
            BackendCompiler.Compile(options.BackendRef ?? new BackendRefOptions { Name = "missing" }, $"{path}:{nameof(options.BackendRef)}", errors),
            options.Fraction?.Numerator ?? options.Percent ?? 100,
            options.Fraction?.Denominator ?? 100,
            options.KeepCredentials);
    }

    private static void CheckFraction(RouteFractionOptions fraction, string path, ConfigurationErrors errors)
    {
        if (fraction.Denominator < 1)
        {
            errors.Add($"{path}:{nameof(fraction.Denominator)}", fraction.Denominator, "a whole number from 1");
        }

        if (fraction.Numerator is not { } numerator || numerator < 0 || numerator > fraction.Denominator)
        {
            errors.Add($"{path}:{nameof(fraction.Numerator)}", fraction.Numerator, $"a whole number from 0 to the denominator, {fraction.Denominator}");
        }
    }
}
