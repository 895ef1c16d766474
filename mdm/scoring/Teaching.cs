namespace CdcSync.Mdm.Scoring;

/// <summary>
/// Corrects weights by pairs that people decided: a logistic regression over the levels of the fields that starts from the weights as they were estimated without, and is
/// held to them. A few decisions move little and many all; a level that no decision showed goes with its neighbours.
/// </summary>
public static class Teaching
{
    const int Rounds = 60;
    const double Enough = 1e-6;

    // How far decisions may move a step between neighbouring levels, the whole, and how much all of it counts: standard deviations, in natural logarithms.
    const double Step = 0.7, Whole = 1.5, Slope = 0.3;

    // By how much the second explanation is to be the better one.
    const double Margin = 3;

    // Scores beyond it are as sure as can be.
    const double Surest = 30;

    /// <summary>The estimate with what the decisions teach.</summary>
    /// <param name="estimate">The weights without them.</param>
    /// <param name="decided">Outcomes, their scores by <paramref name="estimate"/>, and what was decided.</param>
    /// <param name="equal">Pairs among the candidates that are equal, by <paramref name="estimate"/>.</param>
    /// <param name="candidates">Pairs that share a key.</param>
    public static Estimate Teach(Estimate estimate, IReadOnlyList<(ulong Levels, double Bits, bool Same)> decided, double equal, double candidates)
    {
        var levels = estimate.M.Select(m => m.Length).ToArray();
        var (count, starts) = (2 + levels.Sum(l => l - 1), new int[levels.Length]);
        for (var (f, at) = (0, 2); f < levels.Length; at += levels[f++] - 1) starts[f] = at;
        var held = Enumerable.Range(0, count).Select(i => i == 0 ? 1 / (Whole * Whole) : i == 1 ? 1 / (Slope * Slope) : 1 / (Step * Step)).ToArray();
        var rows = decided.Select(d => (X: Features(d.Levels, d.Bits, levels, starts, count), Offset: Math.Log(2) * Math.Clamp(d.Bits, -Surest, Surest), d.Same)).ToList();
        // The pairs were drawn for their looks, or so many equal ones and so many different ones: whichever explains them better.
        var (learnt, likelihood) = Fit(rows, held);
        var same = decided.Count(d => d.Same);
        var chosen = Math.Log((same + 1) / (equal + 1) / ((decided.Count - same + 1) / (Math.Max(0, candidates - equal) + 1)));
        var (other, otherLikelihood) = Fit([.. rows.Select(r => (r.X, r.Offset + chosen, r.Same))], held);
        if (otherLikelihood > likelihood + Margin && FindsHalf(rows, other)) learnt = other;
        var taught = levels.Select((l, f) => Enumerable.Range(0, l).Select(level => Enumerable.Range(0, l - 1).Sum(step => (level <= step ? 0.5 : -0.5) * learnt[starts[f] + step]) / Math.Log(2)).ToArray()).ToArray();
        return estimate with { Taught = new Taught(1 + learnt[1], learnt[0] / Math.Log(2), taught) };
    }

    // Equal pairs that were drawn at random are mostly found by the weights that they teach.
    static bool FindsHalf(List<(double[] X, double Offset, bool Same)> rows, double[] weights) =>
        rows.Count(r => r.Same && r.Offset + r.X.Zip(weights, (x, w) => x * w).Sum() > 0) * 2 >= rows.Count(r => r.Same);

    static double[] Features(ulong outcome, double bits, int[] levels, int[] starts, int count)
    {
        var x = new double[count];
        (x[0], x[1]) = (1, Math.Log(2) * Math.Clamp(bits, -Surest, Surest));
        for (var f = 0; f < levels.Length; f++)
        {
            var level = PairComparer.Level(outcome, f);
            for (var step = 0; level != PairComparer.Missing && step < levels[f] - 1; step++) x[starts[f] + step] = level <= step ? 0.5 : -0.5;
        }
        return x;
    }

    // Newton's steps of the penalised likelihood.
    static (double[] Weights, double Likelihood) Fit(List<(double[] X, double Offset, bool Same)> rows, double[] held)
    {
        var (n, b, likelihood) = (held.Length, new double[held.Length], 0d);
        for (var round = 0; round < Rounds; round++)
        {
            var (gradient, hessian) = (new double[n], new double[n, n]);
            likelihood = 0;
            for (var i = 0; i < n; i++)
            {
                (gradient[i], hessian[i, i]) = (-held[i] * b[i], held[i]);
                likelihood -= held[i] * b[i] * b[i] / 2;
            }
            foreach (var (x, offset, same) in rows)
            {
                var sum = offset;
                for (var i = 0; i < n; i++) sum += b[i] * x[i];
                var p = 1 / (1 + Math.Exp(-sum));
                likelihood += Math.Log(Math.Max(1e-300, same ? p : 1 - p));
                var (error, weight) = ((same ? 1 : 0) - p, Math.Max(1e-6, p * (1 - p)));
                for (var i = 0; i < n; i++)
                {
                    if (x[i] == 0) continue;
                    gradient[i] += error * x[i];
                    for (var j = 0; j <= i; j++) hessian[i, j] += weight * x[i] * x[j];
                }
            }
            var step = Solve(hessian, gradient);
            var longest = step.Max(Math.Abs);
            var scale = Math.Min(1, 2 / Math.Max(1e-12, longest));
            for (var i = 0; i < n; i++) b[i] += scale * step[i];
            if (longest < Enough) break;
        }
        return (b, likelihood);
    }

    // Cholesky: the penalty makes the matrix positive definite. Only its lower half is read.
    static double[] Solve(double[,] matrix, double[] right)
    {
        var (n, x) = (right.Length, (double[])right.Clone());
        for (var j = 0; j < n; j++)
            for (var i = j; i < n; i++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++) sum -= matrix[i, k] * matrix[j, k];
                matrix[i, j] = i == j ? Math.Sqrt(Math.Max(1e-12, sum)) : sum / matrix[j, j];
            }
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++) x[i] -= matrix[i, k] * x[k];
            x[i] /= matrix[i, i];
        }
        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++) x[i] -= matrix[k, i] * x[k];
            x[i] /= matrix[i, i];
        }
        return x;
    }
}

/// <summary>What decisions of people change about the weights.</summary>
/// <param name="Slope">What the score as it was is multiplied by.</param>
/// <param name="Shift">Bits added to every score.</param>
/// <param name="Bits">Bits added by field and level.</param>
public sealed record Taught(double Slope, double Shift, double[][] Bits);
