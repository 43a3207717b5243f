using Mesh.Authorization;
using Mesh.Benchmarks.Measuring;
using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Benchmarks.Authorization;

/// <summary>What a decision costs with one document, a hundred and a thousand, of which one applies.</summary>
internal static class AuthorizationBenchmark
{
    private const int Decisions = 1_000;
    private const int CallsPerRound = 20;
    private const double BudgetNanoseconds = 1_000;

    public static async Task<int> RunAsync(bool check)
    {
        int[] sizes = [1, 100, 1_000];
        var figures = await InterleavedRounds.MeasureAsync([.. sizes.Select(static size => ContenderOf(size))], CallsPerRound);
        foreach (var figure in figures)
        {
            Console.WriteLine($"{figure.Name,-24} {figure.Nanoseconds / Decisions,7:0} ns  {figure.Bytes / Decisions,5:0.0} B a decision");
        }

        // The process itself allocates a little in a round; a decision that allocates would show as at least 24 bytes.
        var met = figures[1].Nanoseconds / Decisions <= BudgetNanoseconds && figures[1].Bytes / Decisions < 1;
        Console.WriteLine($"100 documents: at most {BudgetNanoseconds} ns and 0 B: {(met ? "met" : "MISSED")}");
        return met || !check ? 0 : 1;
    }

    private static Contender ContenderOf(int size)
    {
        var errors = new ConfigurationErrors();
        var engine = AuthorizationEngine.Compile(
            Enumerable.Range(0, size).ToDictionary(static number => $"p{number:0000}", DocumentOf),
            "shop",
            "p",
            errors);
        errors.ThrowIfAny("benchmark");
        var request = new AuthorizationRequest(SpiffeId.ForService("shop.example", "shop", $"caller-{size - 1}"), null, "orders", "GET", $"/resource-{size - 1}/17/items");
        return new Contender($"{size} documents", () =>
        {
            for (var i = 0; i < Decisions; i++)
            {
                if (!engine.Evaluate(in request).Allowed)
                {
                    throw new InvalidOperationException("The last document allows it.");
                }
            }

            return Task.CompletedTask;
        });
    }

    // As people write them: one in four refuses something, the others allow one caller a part of the paths.
    private static AuthorizationPolicyOptions DocumentOf(int number) => number % 4 == 1
        ? new AuthorizationPolicyOptions
        {
            Action = AuthorizationAction.Deny,
            Rules = [new() { From = [new() { NotNamespaces = ["shop"] }], To = [new() { Paths = [$"/resource-{number}/*"] }] }],
        }
        : new AuthorizationPolicyOptions
        {
            Rules =
            [
                new()
                {
                    From = [new() { Principals = [$"shop.example/ns/shop/sa/caller-{number}"] }],
                    To = [new() { Methods = ["GET", "HEAD"], Paths = [$"/resource-{number}/{{*}}/items", $"/resource-{number}"] }],
                },
            ],
        };
}
