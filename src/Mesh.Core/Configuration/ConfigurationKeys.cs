using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;

namespace Mesh.Configuration;

/// <summary>Lists the keys of a configuration in one pass over each of its providers.</summary>
internal static class ConfigurationKeys
{
    // Of these it is known that their keys are those of their data. Others may override what they say they have.
    private const string Framework = "Microsoft.Extensions.Configuration";

    /// <summary>The whole keys below a section, those of earlier providers first; some more than once.</summary>
    public static IEnumerable<string> Below(IConfigurationRoot root, string path)
    {
        foreach (var provider in root.Providers)
        {
            if (provider is ChainedConfigurationProvider { Configuration: IConfigurationRoot chained } && provider.GetType() == typeof(ChainedConfigurationProvider))
            {
                foreach (var key in Below(chained, path))
                {
                    yield return key;
                }

                continue;
            }

            foreach (var key in provider is ConfigurationProvider plain && IsOfTheFramework(provider) ? DataOf(plain).Keys.ToArray() : Walk(provider, path))
            {
                if (IsBelow(key, path))
                {
                    yield return key;
                }
            }
        }
    }

    private static bool IsOfTheFramework(IConfigurationProvider provider) =>
        provider.GetType().Assembly.GetName().Name is { } name
        && (name == Framework || name.StartsWith($"{Framework}.", StringComparison.Ordinal));

    private static bool IsBelow(string key, string path) =>
        key.Length > path.Length && key[path.Length] == ':' && key.StartsWith(path, StringComparison.OrdinalIgnoreCase);

    // A provider says what is right below a key, once for each key further down.
    private static IEnumerable<string> Walk(IConfigurationProvider provider, string path)
    {
        foreach (var name in provider.GetChildKeys([], path).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var key = ConfigurationPath.Combine(path, name);
            yield return key;
            foreach (var deeper in Walk(provider, key))
            {
                yield return deeper;
            }
        }
    }

    // For those who derive from it: part of its contract as much as what is public.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Data")]
    private static extern IDictionary<string, string?> DataOf(ConfigurationProvider provider);
}
