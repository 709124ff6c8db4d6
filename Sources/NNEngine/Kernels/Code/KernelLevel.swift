package import KernelTable

private var levelName: StaticString {
  #if AVX512
    return "avx512"
  #elseif Haswell && arch(x86_64)
    return "avx2"
  #else
    return "portable"
  #endif
}

/// The kernels of this module, built for one processor level.
package let kernelTable = KernelTable(
  level: levelName, lanes: width, scalarFunctionCount: scalarFunctionCount, scalarFunction: { scalarFunction($0) },
  binary: { binary($0, $1, $2, $3, $4, $5, $6) },
  select: { select($0, $1, $2, $3, $4, $5, $6, $7) },
  fill: { fill($0, $1, $2) }, copy: { copy($0, $1, $2) },
  reduce: { reduce($0, $1, $2, $3, $4, $5, $6) },
  softmax: { softmax($0, $1, $2, $3) }, softmaxGradient: { softmaxGradient($0, $1, $2, $3, $4) },
  logSoftmax: { logSoftmax($0, $1, $2, $3) }, logSoftmaxGradient: { logSoftmaxGradient($0, $1, $2, $3, $4) },
  sparseCrossEntropy: { sparseCrossEntropy($0, $1, $2, $3, $4, $5) },
  sparseCrossEntropyGradient: { sparseCrossEntropyGradient($0, $1, $2, $3, $4, $5) },
  crossEntropy: { crossEntropy($0, $1, $2, $3, $4, $5) },
  crossEntropyGradient: { crossEntropyGradient($0, $1, $2, $3, $4, $5) },
  sigmoidCrossEntropy: { sigmoidCrossEntropy($0, $1, $2, $3) },
  sigmoidCrossEntropyGradient: { sigmoidCrossEntropyGradient($0, $1, $2, $3, $4) },
  gatherStrided: { gatherStrided($0, $1, $2, $3, $4, $5) },
  convertUInt8: { convertUInt8($0, $1, $2, $3) }, convertInt32: { convertInt32($0, $1, $2, $3) },
  firstNonFinite: { firstNonFinite($0, $1) },
  random: RandomKernels(
    uniform: { randomUniform($0, $1, $2, $3) }, normal: { randomNormal($0, $1, $2, $3) },
    dropout: { dropout($0, $1, $2, $3, $4, $5, $6) }, dropoutProduct: { dropoutProduct($0, $1, $2) }),
  normalization: NormalizationKernels(
    train: { batchNormalization($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
    gradient: { batchNormalizationGradient($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) },
    standardize: { standardize($0, $1, $2, $3, $4, $5, $6) }, joinedGradient: { joinedGradient($0, $1, $2, $3) }),
  indexing: IndexKernels(
    gatherRows: { gatherRows($0, $1, $2, $3, $4, $5) }, scatterRows: { scatterRows($0, $1, $2, $3, $4, $5) }),
  windows: WindowKernels(
    patches: { patches($0, $1, $2, $3, $4) }, maxPool: { maxPool($0, $1, $2, $3, $4) },
    maxPoolGradient: { maxPoolGradient($0, $1, $2, $3, $4, $5, $6) },
    averagePool: { averagePool($0, $1, $2, $3, $4) }, averagePoolGradient: { averagePoolGradient($0, $1, $2, $3, $4) },
    addRows: { addRows($0, $1, $2, $3) }),
  gemmPlan: { gemmPlan($0) }, gemmRun: { gemmRun($0, $1) })
