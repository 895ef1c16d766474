namespace CdcSync.Mdm.Scoring;

/// <summary>What a Gaussian process needs of linear algebra: a prior covariance K, and weights W of what was seen, by place.</summary>
static class Matrices
{
    /// <summary>The lower triangle whose square is a matrix (Cholesky).</summary>
    public static double[,] Root(double[,] of)
    {
        var n = of.GetLength(0);
        var root = new double[n, n];
        for (var j = 0; j < n; j++)
            for (var i = j; i < n; i++)
            {
                var sum = of[i, j];
                for (var k = 0; k < j; k++) sum -= root[i, k] * root[j, k];
                root[i, j] = i == j ? Math.Sqrt(Math.Max(1e-12, sum)) : sum / root[j, j];
            }
        return root;
    }

    /// <summary>K times a vector.</summary>
    public static double[] Times(double[,] matrix, double[] vector)
    {
        var product = new double[vector.Length];
        for (var i = 0; i < product.Length; i++)
            for (var j = 0; j < product.Length; j++) product[i] += matrix[i, j] * vector[j];
        return product;
    }

    /// <summary>(I + W K)^-1 times a vector.</summary>
    public static double[] Held(double[,] kernel, double[] weights, double[] vector)
    {
        var (roots, both) = (weights.Select(Math.Sqrt).ToArray(), Root(Both(kernel, weights)));
        var right = Times(kernel, vector);
        for (var i = 0; i < right.Length; i++) right[i] *= roots[i];
        Solve(both, right);
        return [.. vector.Select((v, i) => v - (roots[i] * right[i]))];
    }

    /// <summary>The covariance that what was seen leaves: (K^-1 + W)^-1.</summary>
    public static double[,] Left(double[,] kernel, double[] weights)
    {
        var n = weights.Length;
        var (roots, both, left) = (weights.Select(Math.Sqrt).ToArray(), Root(Both(kernel, weights)), new double[n, n]);
        for (var j = 0; j < n; j++)
        {
            var column = Enumerable.Range(0, n).Select(i => roots[i] * kernel[i, j]).ToArray();
            Solve(both, column);
            for (var i = 0; i < n; i++)
            {
                left[i, j] = kernel[i, j] + (i == j ? 1e-6 : 0);
                for (var k = 0; k < n; k++) left[i, j] -= kernel[i, k] * roots[k] * column[k];
            }
        }
        return left;
    }

    static double[,] Both(double[,] kernel, double[] weights)
    {
        var n = weights.Length;
        var both = new double[n, n];
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++) both[i, j] = (Math.Sqrt(weights[i]) * kernel[i, j] * Math.Sqrt(weights[j])) + (i == j ? 1 : 0);
        return both;
    }

    static void Solve(double[,] root, double[] x)
    {
        var n = x.Length;
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++) x[i] -= root[i, k] * x[k];
            x[i] /= root[i, i];
        }
        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++) x[i] -= root[k, i] * x[k];
            x[i] /= root[i, i];
        }
    }
}
